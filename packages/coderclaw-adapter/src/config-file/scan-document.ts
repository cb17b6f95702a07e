import JSON5 from "json5";

/** Where a value stands in the text: `start` is its first character, `end` the one after its last. */
export type DocumentNode = ScalarNode | ObjectNode | ArrayNode;

interface Span {
  start: number;
  end: number;
}

interface ScalarNode extends Span {
  kind: "scalar";
}

export interface ObjectNode extends Span {
  kind: "object";
  entries: MemberNode[];
}

export interface ArrayNode extends Span {
  kind: "array";
  entries: ItemNode[];
}

/** A member spans from its key to the end of its value. */
interface MemberNode extends Span {
  key: string;
  keyEnd: number;
  value: DocumentNode;
}

interface ItemNode extends Span {
  value: DocumentNode;
}

const WHITESPACE = /[\t\v\f \n\r\u00a0\ufeff\u2028\u2029\p{Zs}]/u;
const SCALAR_END = /[\t\v\f \n\r\u00a0\ufeff\u2028\u2029\p{Zs},:\]}/]/u;
const LINE_END = /[\n\r\u2028\u2029]/;

/** Finds every value of a JSON5 text. The text must be valid: parse it with `json5` first. */
export function scanDocument(text: string): DocumentNode {
  let position = 0;

  function skipBlank(): void {
    position = skipBlankFrom(text, position);
  }

  function scanValue(): DocumentNode {
    const start = position;
    const first = text[position];
    if (first === "{") return scanObject(start);
    if (first === "[") return scanArray(start);
    if (first === '"' || first === "'") skipString();
    else while (position < text.length && !SCALAR_END.test(text[position] as string)) position += 1;
    return { kind: "scalar", start, end: position };
  }

  function skipString(): void {
    const quote = text[position];
    position += 1;
    while (text[position] !== quote) position += text[position] === "\\" ? 2 : 1;
    position += 1;
  }

  function scanObject(start: number): ObjectNode {
    const entries: MemberNode[] = [];
    position += 1;
    skipBlank();
    while (text[position] !== "}") {
      const keyStart = position;
      const isQuoted = text[position] === '"' || text[position] === "'";
      if (isQuoted) skipString();
      else while (!SCALAR_END.test(text[position] as string)) position += 1;
      const keyEnd = position;
      skipBlank();
      position += 1;
      skipBlank();
      const value = scanValue();
      entries.push({ start: keyStart, keyEnd, end: value.end, key: decodeKey(text.slice(keyStart, keyEnd)), value });
      skipSeparator();
    }
    position += 1;
    return { kind: "object", start, end: position, entries };
  }

  function scanArray(start: number): ArrayNode {
    const entries: ItemNode[] = [];
    position += 1;
    skipBlank();
    while (text[position] !== "]") {
      const value = scanValue();
      entries.push({ start: value.start, end: value.end, value });
      skipSeparator();
    }
    position += 1;
    return { kind: "array", start, end: position, entries };
  }

  function skipSeparator(): void {
    skipBlank();
    if (text[position] === ",") position += 1;
    skipBlank();
  }

  skipBlank();
  return scanValue();
}

/** The first position at or after `from` that is neither white space nor part of a comment. */
export function skipBlankFrom(text: string, from: number): number {
  let position = from;
  for (;;) {
    if (position < text.length && WHITESPACE.test(text[position] as string)) position += 1;
    else if (text.startsWith("//", position)) position = endOfLine(text, position);
    else if (text.startsWith("/*", position)) position = text.indexOf("*/", position + 2) + 2;
    else return position;
  }
}

/** Like {@link skipBlankFrom}, but stops in front of a line break that is not inside a block comment. */
export function skipBlankOnLine(text: string, from: number): number {
  let position = from;
  for (;;) {
    const character = text[position];
    if (character !== undefined && WHITESPACE.test(character) && !LINE_END.test(character)) position += 1;
    else if (text.startsWith("//", position)) return endOfLine(text, position);
    else if (text.startsWith("/*", position)) position = text.indexOf("*/", position + 2) + 2;
    else return position;
  }
}

function endOfLine(text: string, from: number): number {
  let position = from;
  while (position < text.length && !LINE_END.test(text[position] as string)) position += 1;
  return position;
}

export function isLineEnd(character: string | undefined): boolean {
  return character !== undefined && LINE_END.test(character);
}

function decodeKey(source: string): string {
  return Object.keys(JSON5.parse<object>(`{${source}:0}`))[0] as string;
}
