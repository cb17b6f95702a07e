import type { ConfigPath } from "./config-path.ts";
import { scanDocument, type DocumentNode, type MemberNode, type ObjectNode } from "./scan-document.ts";

/** 1-based, as editors count; the column in UTF-16 units. */
export interface TextPosition {
  line: number;
  column: number;
}

/** Undefined where there is none: items of a list have no key. */
export interface FoundPosition {
  key: TextPosition | undefined;
  value: TextPosition | undefined;
}

/**
 * Where keys and values stand in a text that JSON5 has parsed already. Of a key that is written twice the last place counts, as in the
 * parsed value.
 */
export function createPositions(text: string): (path: ConfigPath) => FoundPosition {
  const root = scanDocument(text);
  const toPosition = lineCounter(text);
  const membersOf = memberFinder();

  return (path) => {
    let node: DocumentNode | undefined = root;
    let key: number | undefined;
    for (const step of path) {
      const entry: MemberNode | { start: number; value: DocumentNode } | undefined =
        node?.kind === "object"
          ? membersOf(node).get(String(step))
          : node?.kind === "array" && typeof step === "number"
            ? node.entries[step]
            : undefined;
      key = entry !== undefined && "key" in entry ? entry.start : undefined;
      node = entry?.value;
    }
    return {
      key: key === undefined ? undefined : toPosition(key),
      value: node === undefined ? undefined : toPosition(node.start),
    };
  };
}

/** An object may have thousands of keys, and a problem with each. */
function memberFinder(): (node: ObjectNode) => ReadonlyMap<string, MemberNode> {
  const known = new Map<ObjectNode, ReadonlyMap<string, MemberNode>>();
  return (node) => {
    const members = known.get(node) ?? new Map(node.entries.map((entry) => [entry.key, entry]));
    known.set(node, members);
    return members;
  };
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
