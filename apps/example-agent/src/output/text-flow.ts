import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";
import type { Colors } from "./colors.ts";
import { createMarkdownWords } from "./markdown-words.ts";

export interface TextFlowOptions {
  /** Width of the terminal; Infinity for a pipe, which gets every character as it is. */
  columns: number;
  colors: Colors;
  /** Where the text begins. Default 0, the start of a line. */
  column?: number;
  /** Whether it is Markdown, which is shown where there are colours to show it. */
  isMarkdown: boolean;
  /** Where a broken line goes on. Default: below its own text, of a list's item too. */
  hang?: number;
}

/** A text that comes in pieces → what to write now, its lines broken between words. */
export interface TextFlow {
  /** All but the last word, which may go on. */
  next(piece: string): string;
  /** The last word. */
  end(): string;
}

const PLAIN = /^[ -~]*$/;
/** What is longer is no word that anybody would wait for, in characters. */
const LONGEST_WORD = 1000;
const BULLET = /^(?:[-*+]|\d{1,3}[.)])$/;

export function createTextFlow(options: TextFlowOptions): TextFlow {
  const { columns, colors, column: start = 0, isMarkdown } = options;
  if (!Number.isFinite(columns)) return { next: (piece) => piece, end: () => "" };
  const markdown = isMarkdown && colors.isColorSupported ? createMarkdownWords(colors) : undefined;
  let word = "";
  /** In front of the word; those at a break are not written. */
  let blanks = "";
  let column = start;
  let isFirstOfLine = true;
  /** The word goes on where the last one ended. */
  let isGlued = false;
  let hang = options.hang ?? 0;

  function endWord(): string {
    if (word === "") return "";
    const shown = markdown?.show(word, isFirstOfLine) ?? word;
    const isVerbatim = markdown?.isVerbatim === true;
    const width = isVerbatim ? 0 : widthOf(shown, columns);
    if (isFirstOfLine && options.hang === undefined) hang = blanks.length + (BULLET.test(word) ? width + 1 : 0);
    const isTooLong = column + blanks.length + width > columns;
    const isBroken = isTooLong && !isFirstOfLine && !isGlued && !isVerbatim;
    const before = isBroken ? `\n${" ".repeat(hang)}` : blanks;
    column = (isBroken ? hang : column + blanks.length) + width;
    word = "";
    blanks = "";
    isFirstOfLine = false;
    isGlued = false;
    return before + shown;
  }

  function goOn(part: string): string {
    let shown = "";
    let rest = part;
    while (word.length + rest.length > LONGEST_WORD) {
      const room = LONGEST_WORD - word.length;
      word += rest.slice(0, room);
      rest = rest.slice(room);
      shown += endWord();
      isGlued = true;
    }
    word += rest;
    return shown;
  }

  function endLine(): string {
    const last = endWord();
    markdown?.endLine();
    blanks = "";
    column = 0;
    isFirstOfLine = true;
    isGlued = false;
    return `${last}\n`;
  }

  return {
    next(piece) {
      let shown = "";
      let from = 0;
      for (let at = 0; at < piece.length; at += 1) {
        const character = piece[at];
        if (character !== "\n" && character !== " " && character !== "\t") continue;
        shown += goOn(piece.slice(from, at)) + (character === "\n" ? endLine() : endWord());
        from = at + 1;
        if (character === "\n") continue;
        isGlued = false;
        blanks += character;
      }
      return shown + goOn(piece.slice(from));
    },
    end: endWord,
  };
}

/** What is longer than the line is broken by the terminal, wherever it ends. */
function widthOf(word: string, columns: number): number {
  if (word.length > 4 * columns) return columns;
  return PLAIN.test(word) ? word.length : stringWidth(word);
}

/** A line of ours → the same, broken between words; what is behind a label or a mark goes on below itself. */
export function breakLine(line: string, columns: number, colors: Colors): string {
  const [head = ""] = /^(?:.*?\S {2,}| +|[✗!←→] )(?=\S)/.exec(stripVTControlCharacters(line)) ?? [];
  const hang = head.length > columns / 2 ? 2 : head.length;
  const flow = createTextFlow({ columns, colors, isMarkdown: false, hang });
  return flow.next(line) + flow.end();
}
