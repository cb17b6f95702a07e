import type { WireUsage } from "../stream/wire-chunk.ts";

/** What two requests used together; of fields that are no numbers, the later one's. */
export function sumUsage(first: WireUsage | undefined, second: WireUsage | undefined): WireUsage | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  return sum(first, second) as unknown as WireUsage;
}

function sum(first: object, second: object): Record<string, unknown> {
  const total: Record<string, unknown> = { ...first, ...second };
  for (const [key, one] of Object.entries(first)) {
    const other = (second as Record<string, unknown>)[key];
    if (other === undefined || other === null) total[key] = one;
    else if (typeof one === "number" && typeof other === "number") total[key] = one + other;
    else if (isObject(one) && isObject(other)) total[key] = sum(one, other);
  }
  return total;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
