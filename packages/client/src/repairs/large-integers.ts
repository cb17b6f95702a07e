/**
 * Integers beyond 2^53 in the arguments of tool calls, which a `number` cannot hold exactly.
 * - `number`: they are rounded, with an `INTEGER_ROUNDED` warning; `argumentsText` has them as the model wrote them
 * - `bigint`: they are `bigint`s. `JSON.stringify` refuses those: send `argumentsText` on instead
 */
export type LargeIntegers = "number" | "bigint";

const INTEGER = /^-?\d+$/;
const TOKEN_END = /[^-+.\w]/g;
const STRING_PART = /[^"\\]*/y;

/** JSON → its value. @throws {SyntaxError} */
export function parseIntegers(json: string, integers: LargeIntegers = "number"): unknown {
  const value: unknown = JSON.parse(json);
  return integers === "bigint" && holdsUnsafe(value) && hasLargeInteger(json) ? JSON.parse(json, toBigInt) : value;
}

/** True when {@link parseIntegers} has rounded an integer of this JSON to get this value. */
export function roundsIntegers(json: string, value: unknown, integers: LargeIntegers = "number"): boolean {
  return holdsUnsafe(value) && hasLargeInteger(json) && (integers === "number" || JSON.parse("1", hasSource) !== true);
}

/** Looked at first: a value holds few numbers, and its text many characters. `1e300` is no integer, by its text. */
function holdsUnsafe(value: unknown): boolean {
  if (typeof value === "number") return Math.abs(value) > Number.MAX_SAFE_INTEGER;
  if (typeof value !== "object" || value === null) return false;
  for (const each of Object.values(value)) if (holdsUnsafe(each)) return true;
  return false;
}

/** True when valid JSON holds an integer, outside of its strings, that a `number` need not hold exactly. */
function hasLargeInteger(json: string): boolean {
  let at = 0;
  while (at < json.length) {
    const character = json.charAt(at);
    if (character === '"') at = skipString(json, at + 1);
    else if (character === "-" || (character >= "0" && character <= "9")) {
      TOKEN_END.lastIndex = at;
      const end = TOKEN_END.exec(json)?.index ?? json.length;
      if (isLargeInteger(json.slice(at, end))) return true;
      at = end;
    } else at += 1;
  }
  return false;
}

/** What a reviver is given besides: the text of a number, where the runtime has it (Node ≥ 22, browsers since 2025). */
interface ReviverContext {
  source?: string;
}

function toBigInt(_key: string, value: unknown, context?: ReviverContext): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  return isLargeInteger(context.source) ? BigInt(context.source) : value;
}

function hasSource(_key: string, _value: unknown, context?: ReviverContext): boolean {
  return context?.source !== undefined;
}

function isLargeInteger(token: string): boolean {
  return INTEGER.test(token) && !Number.isSafeInteger(Number(token));
}

function skipString(json: string, from: number): number {
  let at = from;
  for (;;) {
    STRING_PART.lastIndex = at;
    STRING_PART.test(json);
    at = STRING_PART.lastIndex;
    if (json.charAt(at) !== "\\") return at + 1;
    at += 2;
  }
}
