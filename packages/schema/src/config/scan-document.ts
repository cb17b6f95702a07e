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
export interface MemberNode extends Span {
  key: string;
  keyEnd: number;
  value: DocumentNode;
}

interface ItemNode extends Span {
  value: DocumentNode;
}

/** An object or a list whose end has not come, and the key whose value is next. */
interface Frame {
  node: ObjectNode | ArrayNode;
  key: Pick<MemberNode, "start" | "key" | "keyEnd"> | undefined;
}

/**
 * Finds every value of a JSON5 text. The text must be valid: parse it with `json5` first. One pass without recursion, so that depth costs no
 * stack.
 */
export function scanDocument(text: string): DocumentNode {
  const frames: Frame[] = [];
  let root: DocumentNode | undefined;

  function add(value: DocumentNode): void {
    const frame = frames.at(-1);
    if (frame === undefined) root = value;
    else if (frame.node.kind === "array") frame.node.entries.push({ start: value.start, end: value.end, value });
    else if (frame.key !== undefined) {
      frame.node.entries.push({ ...frame.key, end: value.end, value });
      frame.key = undefined;
    }
  }

  for (let at = skipBlankFrom(text, 0); at < text.length && root === undefined; at = skipBlankFrom(text, at)) {
    const start = at;
    const first = text[start];
    const frame = frames.at(-1);
    at += 1;
    if (first === "{") frames.push({ node: { kind: "object", start, end: at, entries: [] }, key: undefined });
    else if (first === "[") frames.push({ node: { kind: "array", start, end: at, entries: [] }, key: undefined });
    else if (first === "}" || first === "]") {
      frames.pop();
      if (frame === undefined) continue;
      frame.node.end = at;
      add(frame.node);
    } else if (first !== "," && first !== ":") {
      at = first === '"' || first === "'" ? endOfString(text, start) : endOfWord(text, start);
      const isKey = frame?.node.kind === "object" && frame.key === undefined;
      if (isKey) frame.key = { start, keyEnd: at, key: decodeKey(text.slice(start, at)) };
      else add({ kind: "scalar", start, end: at });
    }
  }
  return root ?? { kind: "scalar", start: 0, end: text.length };
}

/** The first position at or after `from` that is neither white space nor part of a comment. */
export function skipBlankFrom(text: string, from: number): number {
  let position = from;
  for (;;) {
    const character = text[position];
    if (character === undefined) return position;
    if (isBlank(character)) position += 1;
    else if (text.startsWith("//", position)) position = endOfLine(text, position);
    else if (text.startsWith("/*", position)) position = endOfComment(text, position);
    else return position;
  }
}

/** Like {@link skipBlankFrom}, but stops in front of a line break that is not inside a block comment. */
export function skipBlankOnLine(text: string, from: number): number {
  let position = from;
  for (;;) {
    const character = text[position];
    if (character !== undefined && isBlank(character) && !isLineEnd(character)) position += 1;
    else if (text.startsWith("//", position)) return endOfLine(text, position);
    else if (text.startsWith("/*", position)) position = endOfComment(text, position);
    else return position;
  }
}

/** A character that ends a line in JSON5. */
export function isLineEnd(character: string | undefined): boolean {
  return character === "\n" || character === "\r" || character === "\u2028" || character === "\u2029";
}

/** White space of JSON5, which is that of JavaScript. */
function isBlank(character: string): boolean {
  return character === " " || character === "\n" || (character < "!" || character > "~" ? /\s/.test(character) : false);
}

function endOfLine(text: string, from: number): number {
  let position = from;
  while (position < text.length && !isLineEnd(text[position])) position += 1;
  return position;
}

function endOfComment(text: string, from: number): number {
  const end = text.indexOf("*/", from + 2);
  return end < 0 ? text.length : end + 2;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === text[start]) return at + 1;
  }
  return text.length;
}

function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !"{}[],:/".includes(text[at] ?? "") && !isBlank(text[at] ?? "")) at += 1;
  return at;
}

/** A key as it is meant. By hand, so that the packages that stream need no JSON5 for it. */
function decodeKey(token: string): string {
  const text = /^["']/.test(token) ? token.slice(1, -1) : token;
  return text.includes("\\") ? text.replaceAll(ESCAPE, decodeEscape) : text;
}

const ESCAPE = /\\(?:u([\da-f]{4})|x([\da-f]{2})|(\r\n|[^]))/gi;
const ESCAPED: Readonly<Record<string, string>> = {
  0: "\0",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

function decodeEscape(_: string, unicode: string | undefined, latin: string | undefined, other = ""): string {
  const code = unicode ?? latin;
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  // A string may go on in the next line.
  return isLineEnd(other[0]) ? "" : (ESCAPED[other] ?? other);
}
