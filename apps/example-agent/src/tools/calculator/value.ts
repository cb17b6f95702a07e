import { ToolError } from "../tool.ts";

/** Whole numbers are exact (`bigint`), all others are floating point. */
export type Value = bigint | number;

/** Limit of an exact result; larger ones become floating point. About 1200 digits. */
const MAX_BITS = 4096;

export function toValue(text: string): Value {
  return /^\d+$/.test(text) ? exact(BigInt(text)) : Number(text);
}

export function add(a: Value, b: Value): Value {
  return typeof a === "bigint" && typeof b === "bigint" ? exact(a + b) : Number(a) + Number(b);
}

export function multiply(a: Value, b: Value): Value {
  return typeof a === "bigint" && typeof b === "bigint" ? exact(a * b) : Number(a) * Number(b);
}

export function divide(a: Value, b: Value): Value {
  if (Number(b) === 0) throw new ToolError("Division by zero.");
  return typeof a === "bigint" && typeof b === "bigint" && a % b === 0n ? a / b : Number(a) / Number(b);
}

/** The remainder has the divisor's sign, as in Python. */
export function modulo(a: Value, b: Value): Value {
  if (Number(b) === 0) throw new ToolError("Division by zero.");
  if (typeof a === "bigint" && typeof b === "bigint") return ((a % b) + b) % b;
  const [x, y] = [Number(a), Number(b)];
  return x - y * Math.floor(x / y);
}

export function power(base: Value, exponent: Value): Value {
  if (typeof base === "bigint" && typeof exponent === "bigint" && exponent >= 0n) {
    const bits = BigInt(bitLength(base)) * exponent;
    if (bits <= BigInt(MAX_BITS)) return base ** exponent;
  }
  return Number(base) ** Number(exponent);
}

export function negate(value: Value): Value {
  return typeof value === "bigint" ? -value : -value;
}

/**
 * The result as text: exact, or 15 significant digits, so that 0.1 + 0.2 is 0.3.
 *
 * @throws {ToolError} when there is no real, finite result.
 */
export function formatValue(value: Value): string {
  if (typeof value === "bigint") return value.toString();
  if (Number.isNaN(value)) throw new ToolError("The result is not a real number.");
  if (!Number.isFinite(value)) throw new ToolError("The result is too large.");
  return String(Number(value.toPrecision(15)));
}

function exact(value: bigint): Value {
  return bitLength(value) <= MAX_BITS ? value : Number(value);
}

function bitLength(value: bigint): number {
  return (value < 0n ? -value : value).toString(16).length * 4;
}
