import type { ConfigIssue } from "../errors/vllm-error.ts";
import type { TextPosition } from "./json5-positions.ts";

/** json5's SyntaxError → the one problem that can be told: where the text stops being JSON5. Only the character itself is quoted. */
export function toSyntaxIssue(error: unknown, source: string): ConfigIssue {
  const { lineNumber = 1, columnNumber = 1, message = "" } = error as Json5Error;
  const character = /^JSON5: invalid character '(.+)' at/s.exec(message)?.[1];
  return {
    path: "",
    received: character === undefined ? "the end of the file" : `the character '${character}'`,
    accepted: "JSON5",
    fix: character === undefined ? "Close what is open: a bracket, a quote or a comment." : adviseOn(character, source),
    ...placeOf(lineNumber, columnNumber, source),
  };
}

/** What a character that stops the reading most often means. */
function adviseOn(character: string, source: string): string {
  if (/^[\u2018-\u201f]$/.test(character)) return `Use straight quotes: " or '.`;
  if (character === "#") return "Write comments as // text or /* text */.";
  if (!/^\s*(?:[{[/"']|$)/.test(source)) return "Begin the file with {. YAML and TOML are not read.";
  if (/:\s*(?:True|False|None)\b/.test(source) && /^[TFN]$/.test(character))
    return "Write true, false and null in small letters.";
  return "Look here and just before for a missing comma, quote or bracket.";
}

interface Json5Error {
  lineNumber?: number;
  columnNumber?: number;
  message?: string;
}

/** json5 says "column 0 of the next line" for a line break. */
function placeOf(line: number, column: number, source: string): TextPosition {
  if (column > 0 || line === 1) return { line, column: Math.max(column, 1) };
  const before = source.split("\n")[line - 2] ?? "";
  return { line: line - 1, column: before.replace(/\r$/, "").length + 1 };
}
