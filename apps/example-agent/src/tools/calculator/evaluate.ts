import { ToolError } from "../tool.ts";
import { CONSTANTS, FUNCTIONS } from "./functions.ts";
import type { Token } from "./scan.ts";
import { scan } from "./scan.ts";
import type { Value } from "./value.ts";
import { add, divide, modulo, multiply, negate, power, toValue } from "./value.ts";

const MAX_LENGTH = 1000;
const MAX_DEPTH = 60;

const BINARY: Readonly<Record<string, { binds: number; compute: (a: Value, b: Value) => Value }>> = {
  "+": { binds: 1, compute: add },
  "-": { binds: 1, compute: (a, b) => add(a, negate(b)) },
  "*": { binds: 2, compute: multiply },
  "/": { binds: 2, compute: divide },
  "%": { binds: 2, compute: modulo },
};

/**
 * Calculates an expression such as `2 * (3 + 4) ^ 2` by precedence climbing. Nothing is ever executed as code.
 *
 * @throws {ToolError} when the text is no calculation, or is too long or too deep.
 */
export function evaluate(expression: string): Value {
  if (expression.trim() === "") throw new ToolError("The expression is empty.");
  if (expression.length > MAX_LENGTH) throw new ToolError(`The expression is longer than ${MAX_LENGTH} characters.`);
  const tokens = scan(expression);
  let position = 0;
  const isNext = (text: string): boolean => tokens[position]?.kind === "operator" && tokens[position]?.text === text;

  function sum(minimum: number, depth: number): Value {
    if (depth > MAX_DEPTH) throw new ToolError("The expression is nested too deeply.");
    let left = factor(depth);
    for (;;) {
      const token = tokens[position];
      const operator = token?.kind === "operator" ? BINARY[token.text] : undefined;
      if (operator === undefined || operator.binds < minimum) return left;
      position += 1;
      left = operator.compute(left, sum(operator.binds + 1, depth + 1));
    }
  }

  function factor(depth: number): Value {
    if (depth > MAX_DEPTH) throw new ToolError("The expression is nested too deeply.");
    if (isNext("-") || isNext("+")) {
      const isMinus = isNext("-");
      position += 1;
      const value = factor(depth + 1);
      return isMinus ? negate(value) : value;
    }
    const base = primary(depth);
    if (!isNext("^")) return base;
    position += 1;
    return power(base, factor(depth + 1));
  }

  function primary(depth: number): Value {
    const token = tokens[position];
    position += 1;
    if (token?.kind === "number") return toValue(token.text);
    if (token?.kind === "name") return named(token, depth);
    if (token?.kind === "operator" && token.text === "(") {
      const value = sum(0, depth + 1);
      close(token);
      return value;
    }
    throw unexpected(token, "A number is missing");
  }

  function named(token: Token, depth: number): Value {
    const name = token.text.toLowerCase();
    if (!isNext("(")) {
      const constant = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : undefined;
      if (constant !== undefined) return constant;
      throw new ToolError(
        `Unknown name "${token.text}". Known: ${Object.keys(CONSTANTS).join(", ")}, and ${functionNames()}.`,
      );
    }
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (known === undefined) throw new ToolError(`Unknown function "${token.text}". Known: ${functionNames()}.`);
    position += 1;
    const values = [sum(0, depth + 1)];
    while (isNext(",")) {
      position += 1;
      values.push(sum(0, depth + 1));
    }
    close(token);
    if (values.length < known.takes[0] || values.length > known.takes[1]) {
      throw new ToolError(
        `${name} takes ${known.takes[0]} number${known.takes[0] === 1 ? "" : "s"}, not ${values.length}.`,
      );
    }
    return known.compute(values);
  }

  function close(opened: Token): void {
    if (!isNext(")")) throw unexpected(tokens[position], `The bracket opened at position ${opened.at} is not closed`);
    position += 1;
  }

  const value = sum(0, 0);
  if (position < tokens.length) throw unexpected(tokens[position], "The calculation should end");
  return value;
}

function unexpected(token: Token | undefined, said: string): ToolError {
  if (token === undefined) return new ToolError(`${said} at the end.`);
  const comma = token.text === "," ? " Write large numbers without commas." : "";
  return new ToolError(`${said} before "${token.text}" at position ${token.at}.${comma}`);
}

function functionNames(): string {
  return Object.keys(FUNCTIONS)
    .map((name) => `${name}()`)
    .join(", ");
}
