import type { Reading, TextSource } from "../text-source.ts";
import { toListText, toObjectText } from "../arguments-text.ts";
import { MOST_NESTED } from "../../json/json-scanner.ts";

const WORDS: ReadonlyMap<string, string> = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
  ["true", "true"],
  ["false", "false"],
  ["null", "null"],
]);
const WORD = /[-+.\w]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};

/** Reads a Python literal and gives its JSON; undefined when what comes is none. Tuples become lists, as in vLLM. */
export function* readPythonLiteral(source: TextSource, depth = 0): Reading<string | undefined> {
  if (depth > MOST_NESTED) return undefined;
  yield* source.blanks();
  const next = yield* source.peek();
  if (next === '"' || next === "'") {
    const text = yield* readString(source);
    return text === undefined ? undefined : JSON.stringify(text);
  }
  if (next === "[" || next === "(") return yield* readSequence(source, depth);
  if (next === "{") return yield* readDictionary(source, depth);
  return yield* readWord(source);
}

function* readSequence(source: TextSource, depth: number): Reading<string | undefined> {
  const close = (yield* source.oneOf(["[", "("])) === "[" ? "]" : ")";
  const items: string[] = [];
  for (;;) {
    yield* source.blanks();
    if (yield* source.literal(close)) return toListText(items);
    const item = yield* readPythonLiteral(source, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
    if (!(yield* readComma(source, close))) return undefined;
  }
}

function* readDictionary(source: TextSource, depth: number): Reading<string | undefined> {
  yield* source.literal("{");
  const members = new Map<string, string>();
  for (;;) {
    yield* source.blanks();
    if (yield* source.literal("}")) return toObjectText(members);
    const key = yield* readPythonLiteral(source, depth + 1);
    if (key === undefined || /^[[{]/.test(key)) return undefined;
    yield* source.blanks();
    if (!(yield* source.literal(":"))) return undefined;
    const value = yield* readPythonLiteral(source, depth + 1);
    if (value === undefined) return undefined;
    members.set(key.startsWith('"') ? (JSON.parse(key) as string) : key, value);
    if (!(yield* readComma(source, "}"))) return undefined;
  }
}

/** True when a comma came, or the closing bracket is next. */
export function* readComma(source: TextSource, close: string): Reading<boolean> {
  yield* source.blanks();
  return (yield* source.literal(",")) || (yield* source.peek()) === close;
}

function* readWord(source: TextSource): Reading<string | undefined> {
  const text = yield* source.run(WORD);
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[+-]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return undefined;
  const digits = text.replace(/^\+/, "").replaceAll("_", "");
  // Numbers beyond 2^53 stay exact as text.
  if (/^-?(?:0|[1-9]\d*)$/.test(digits)) return digits;
  const value = Number(digits);
  return Number.isFinite(value) ? JSON.stringify(value) : undefined;
}

function* readString(source: TextSource): Reading<string | undefined> {
  const quote = yield* source.oneOf(["'''", '"""', "'", '"']);
  if (quote === undefined) return undefined;
  const parts: string[] = [];
  for (;;) {
    const part: { text: string; stop: string } | undefined = yield* source.until("\\", quote);
    if (part === undefined) return undefined;
    parts.push(part.text);
    if (part.stop === quote) return parts.join("");
    const character = yield* source.peek();
    if (character === "") return undefined;
    source.at += 1;
    parts.push(yield* readEscape(source, character));
  }
}

function* readEscape(source: TextSource, character: string): Reading<string> {
  const digits = character === "x" ? 2 : character === "u" ? 4 : character === "U" ? 8 : 0;
  if (digits === 0) return ESCAPES[character] ?? `\\${character}`;
  let hexadecimal = "";
  while (hexadecimal.length < digits && /[0-9a-fA-F]/.test(yield* source.peek())) {
    hexadecimal += source.window.charAt(source.at);
    source.at += 1;
  }
  const code = Number.parseInt(hexadecimal, 16);
  if (hexadecimal.length < digits || code > 0x10ffff) return `\\${character}${hexadecimal}`;
  return String.fromCodePoint(code);
}
