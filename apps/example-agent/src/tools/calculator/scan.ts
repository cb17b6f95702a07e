import { ToolError } from "../tool.ts";

/** A piece of an expression. `at` is its 1-based column. */
export type Token =
  | { kind: "number"; text: string; at: number }
  | { kind: "name"; text: string; at: number }
  | { kind: "operator"; text: string; at: number };

const PIECE =
  /\s*(?:(\d+(?:_\d+)*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)|([A-Za-z][A-Za-z0-9]*)|(\*\*|[-+*/%^(),×÷·−])|(\S))/uy;
const SAME: Readonly<Record<string, string>> = { "**": "^", "×": "*", "·": "*", "÷": "/", "−": "-" };

/**
 * Splits an expression into numbers, names and operators.
 *
 * @throws {ToolError} at the first character that belongs to none of them.
 */
export function scan(expression: string): Token[] {
  const tokens: Token[] = [];
  const text = expression.trimEnd();
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < text.length) {
    const match = PIECE.exec(text);
    if (match === null) break;
    const [, number, name, operator, other] = match;
    const piece = number ?? name ?? operator ?? other ?? "";
    const at = PIECE.lastIndex - piece.length + 1;
    if (number !== undefined) tokens.push({ kind: "number", text: number.replaceAll("_", ""), at });
    else if (name !== undefined) tokens.push({ kind: "name", text: name, at });
    else if (operator !== undefined) tokens.push({ kind: "operator", text: SAME[operator] ?? operator, at });
    else throw new ToolError(`${JSON.stringify(piece)} at position ${at} does not belong in a calculation.`);
  }
  return tokens;
}
