import JSON5 from "json5";
import type { ConfigPath } from "./config-path.ts";

/** 1-based, as editors count; the column in UTF-16 units. */
export interface TextPosition {
  line: number;
  column: number;
}

export interface FoundPosition {
  key: TextPosition | undefined;
  value: TextPosition | undefined;
}

/** The wanted paths as a tree, so that the scan compares one step at a time. */
interface Wanted {
  steps: Map<string | number, Wanted>;
  key: number | undefined;
  value: number | undefined;
}

interface Frame {
  inObject: boolean;
  /** Undefined where nothing below is wanted. */
  wanted: Wanted | undefined;
  step: string | number;
  expectsKey: boolean;
}

/**
 * Where keys and values stand in a text that JSON5 has parsed already. One pass without recursion, so depth and size cost no stack.
 * Of a key that is written twice the last place counts, as in the parsed value.
 */
export function findPositions(text: string, paths: readonly ConfigPath[]): (path: ConfigPath) => FoundPosition {
  const root = newWanted();
  for (const path of paths) walk(root, path, newWanted);
  scan(text, root);
  const toPosition = lineCounter(text);
  return (path) => {
    const found = walk(root, path, () => undefined);
    return {
      key: found?.key === undefined ? undefined : toPosition(found.key),
      value: found?.value === undefined ? undefined : toPosition(found.value),
    };
  };
}

function newWanted(): Wanted {
  return { steps: new Map(), key: undefined, value: undefined };
}

function walk(root: Wanted, path: ConfigPath, missing: () => Wanted | undefined): Wanted | undefined {
  let wanted: Wanted | undefined = root;
  for (const step of path) {
    let next: Wanted | undefined = wanted?.steps.get(step);
    if (next === undefined) {
      next = missing();
      if (next !== undefined) wanted?.steps.set(step, next);
    }
    wanted = next;
  }
  return wanted;
}

function scan(text: string, root: Wanted): void {
  const frames: Frame[] = [];
  const current = () => {
    const frame = frames.at(-1);
    return frame === undefined ? root : frame.wanted?.steps.get(frame.step);
  };
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const frame = frames.at(-1);
    const character = text[at];
    if (character === "{" || character === "[") {
      const wanted = current();
      if (wanted !== undefined) wanted.value = at;
      const inObject = character === "{";
      frames.push({ inObject, wanted, step: inObject ? "" : 0, expectsKey: inObject });
      at += 1;
    } else if (character === "}" || character === "]") {
      frames.pop();
      at += 1;
    } else if (character === "," || character === ":") {
      if (frame !== undefined) {
        if (typeof frame.step === "number") frame.step += 1;
        frame.expectsKey = frame.inObject && character === ",";
      }
      at += 1;
    } else {
      const end = character === '"' || character === "'" ? endOfString(text, at) : endOfWord(text, at);
      const isKey = frame?.expectsKey === true;
      if (isKey) frame.step = readKey(text.slice(at, end));
      const wanted = current();
      if (wanted !== undefined) wanted[isKey ? "key" : "value"] = at;
      at = end;
    }
  }
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  for (;;) {
    const character = text[at];
    if (character === "/" && text[at + 1] === "/") {
      while (at < text.length && !/[\n\r\u2028\u2029]/.test(text[at] ?? "")) at += 1;
    } else if (character === "/") {
      const end = text.indexOf("*/", at + 2);
      at = end < 0 ? text.length : end + 2;
    } else if (character !== undefined && isBlank(character)) {
      at += 1;
    } else {
      return at;
    }
  }
}

function isBlank(character: string): boolean {
  return character === " " || character === "\n" || (character < "!" || character > "~" ? /\s/.test(character) : false);
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

function readKey(token: string): string {
  if (/^["']/.test(token)) return token.includes("\\") ? JSON5.parse<string>(token) : token.slice(1, -1);
  return token.replace(/\\u([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function lineCounter(text: string): (offset: number) => TextPosition {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  };
}
