import type { Value } from "./value.ts";

type Compute = (values: readonly Value[]) => Value;

interface CalculatorFunction {
  /** Fewest and most arguments. */
  takes: readonly [number, number];
  compute: Compute;
}

const one = (compute: (x: number) => number): CalculatorFunction => ({
  takes: [1, 1],
  compute: ([x]) => compute(Number(x)),
});

/** Whole numbers stay exact. */
const rounded = (round: (x: number) => number): CalculatorFunction => ({
  takes: [1, 1],
  compute: ([x = 0n]) => {
    if (typeof x === "bigint") return x;
    const whole = round(x);
    return Number.isSafeInteger(whole) ? BigInt(whole) : whole;
  },
});

const pick = (isBetter: (a: Value, b: Value) => boolean): CalculatorFunction => ({
  takes: [1, 100],
  compute: (values) => values.reduce((best, value) => (isBetter(value, best) ? value : best)),
});

/** Angles are in radians; `log` is base 10. */
export const FUNCTIONS: Readonly<Record<string, CalculatorFunction>> = {
  sqrt: one(Math.sqrt),
  cbrt: one(Math.cbrt),
  exp: one(Math.exp),
  ln: one(Math.log),
  log: one(Math.log10),
  log10: one(Math.log10),
  log2: one(Math.log2),
  sin: one(Math.sin),
  cos: one(Math.cos),
  tan: one(Math.tan),
  abs: { takes: [1, 1], compute: ([x = 0n]) => (x < 0 ? -x : x) },
  round: rounded(Math.round),
  floor: rounded(Math.floor),
  ceil: rounded(Math.ceil),
  min: pick((a, b) => a < b),
  max: pick((a, b) => a > b),
};

export const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
