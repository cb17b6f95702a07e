import { isLineEnd, type DocumentNode } from "@vllm/schema/internal";

/** How the author of a document writes, so that new text looks like theirs. */
export interface DocumentStyle {
  lineEnd: "\n" | "\r\n";
  /** One level of indentation. */
  indent: string;
  keyQuote: '"' | "'" | "";
  stringQuote: '"' | "'";
  /** After the last entry of a container that spans lines. */
  trailingComma: boolean;
  /** Whether short containers of scalars stay on one line. */
  inlineShort: boolean;
  /** `{ a: 1 }` rather than `{a: 1}`. */
  bracePadding: boolean;
}

/** Learns the style by counting what the document does. Where it says nothing: JSON with two spaces, short lists on one line. */
export function learnStyle(text: string, root: DocumentNode): DocumentStyle {
  const count = { bare: 0, single: 0, double: 0, singleString: 0, doubleString: 0, comma: 0, noComma: 0 };
  const shape = { inline: 0, spread: 0, padded: 0, tight: 0 };
  const indents = new Map<string, number>();

  function visit(node: DocumentNode): void {
    if (node.kind === "scalar") {
      if (text[node.start] === "'") count.singleString += 1;
      if (text[node.start] === '"') count.doubleString += 1;
      return;
    }
    const last = node.entries.at(-1);
    if (last !== undefined) {
      const isFlat = node.entries.every((entry) => entry.value.kind === "scalar");
      const spansLines = hasLineEnd(text, node.start, node.end);
      if (spansLines) {
        count[/^[^\S\n\r]*,/.test(text.slice(last.end)) ? "comma" : "noComma"] += 1;
        noteIndent(node, last.start);
      }
      if (isFlat && node !== root) shape[spansLines ? "spread" : "inline"] += 1;
      if (node.kind === "object" && !spansLines)
        shape[/\s/.test(text[node.start + 1] as string) ? "padded" : "tight"] += 1;
    }
    for (const entry of node.entries) {
      if ("key" in entry) {
        const first = text[entry.start];
        count[first === '"' ? "double" : first === "'" ? "single" : "bare"] += 1;
      }
      visit(entry.value);
    }
  }

  function noteIndent(node: DocumentNode, entryStart: number): void {
    const outer = indentAt(text, node.start);
    const inner = indentAt(text, entryStart);
    if (inner.length > outer.length && inner.startsWith(outer)) {
      const unit = inner.slice(outer.length);
      indents.set(unit, (indents.get(unit) ?? 0) + 1);
    }
  }

  visit(root);
  const [indent] = [...indents].toSorted((a, b) => b[1] - a[1])[0] ?? ["  "];
  return {
    lineEnd: /\r\n/.test(text) && !/[^\r]\n/.test(text) ? "\r\n" : "\n",
    indent,
    keyQuote: count.bare > count.double + count.single ? "" : count.single > count.double ? "'" : '"',
    stringQuote: count.singleString > count.doubleString ? "'" : '"',
    trailingComma: count.comma > count.noComma,
    inlineShort: shape.inline >= shape.spread,
    bracePadding: shape.padded >= shape.tight,
  };
}

/** The white space at the start of the line that holds `position`. */
export function indentAt(text: string, position: number): string {
  let lineStart = position;
  while (lineStart > 0 && !isLineEnd(text[lineStart - 1])) lineStart -= 1;
  return /^[ \t]*/.exec(text.slice(lineStart, position))?.[0] ?? "";
}

export function hasLineEnd(text: string, start: number, end: number): boolean {
  return /[\n\r\u2028\u2029]/.test(text.slice(start, end));
}
