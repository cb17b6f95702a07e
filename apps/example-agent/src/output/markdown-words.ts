import type { Colors } from "./colors.ts";

/** Shows the words of a Markdown text, one after the other, as they come. */
export interface MarkdownWords {
  /** The word in the style of its place, without the marks that made it so. */
  show(word: string, isFirstOfLine: boolean): string;
  /** The present line is code or a row of a table: it is not broken. */
  readonly isVerbatim: boolean;
  endLine(): void;
}

const MARK = /(\*\*|`+)/;
const FENCE = /^(?:```|~~~)/;

export function createMarkdownWords(colors: Colors): MarkdownWords {
  let line: "text" | "heading" | "verbatim" = "text";
  let isFenced = false;
  let isBold = false;
  let isCode = false;

  function beginLine(word: string): void {
    const isFence = FENCE.test(word);
    if (isFence) isFenced = !isFenced;
    if (isFenced || isFence || word.startsWith("|")) line = "verbatim";
    else if (/^#{1,6}$/.test(word)) line = "heading";
  }

  function style(text: string): string {
    if (isCode) return colors.cyan(text);
    return isBold || line === "heading" ? colors.bold(text) : text;
  }

  return {
    get isVerbatim() {
      return line === "verbatim";
    },
    show(word, isFirstOfLine) {
      if (isFirstOfLine) beginLine(word);
      if (line === "verbatim") return isFenced ? colors.cyan(word) : word;
      if (!MARK.test(word)) return style(word);
      const parts = word.split(MARK);
      return parts
        .map((part, index) => {
          if (part.startsWith("`")) isCode = !isCode;
          else if (part === "**" && !isCode && (isBold || mayOpen(parts, index))) isBold = !isBold;
          else return part === "" ? "" : style(part);
          return "";
        })
        .join("");
    },
    endLine() {
      line = isFenced ? "verbatim" : "text";
      isBold = false;
      isCode = false;
    },
  };
}

/** `2**10` is a power, and `**` with nothing behind it a word. */
function mayOpen(parts: readonly string[], index: number): boolean {
  const isLast = index === parts.length - 2 && parts.at(-1) === "";
  return !isLast && !/[\p{L}\p{N}]$/u.test(parts[index - 1] ?? "");
}
