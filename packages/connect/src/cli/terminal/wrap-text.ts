import stringWidth from "string-width";
import { OWN_COMMAND } from "./own-command.ts";

/** Stands for a space that is not to be broken at. One column wide, and in nobody's text. */
const GLUE = "\ue000";

const INSTALL_COMMAND = /npm install -g \S+/g;

/**
 * Lines of at most `width` columns, broken between words; the white space in front of the first one stands in front of each.
 * A word that is longer is cut, and goes on in the next line: an id that is not whole cannot be copied.
 */
export function wrapText(text: string, width: number): string[] {
  const [indent = ""] = /^\s*/.exec(text) ?? [];
  const most = Math.max(1, width - stringWidth(indent));
  const lines: string[] = [];
  let line = "";
  let lineWidth = 0;
  for (const word of text.slice(indent.length).split(/(?<=\s)/)) {
    if (line !== "" && lineWidth + stringWidth(word.trimEnd()) > most) {
      lines.push(line.trimEnd());
      line = "";
      lineWidth = 0;
    }
    line += word;
    lineWidth += stringWidth(word);
    // A command that is broken cannot be copied: the terminal itself goes on with it in the next row.
    if (lineWidth <= most || word.includes(GLUE)) continue;
    for (let cut = cutAt(line, most); cut < line.trimEnd().length; cut = cutAt(line, most)) {
      lines.push(line.slice(0, cut));
      line = line.slice(cut);
    }
    lineWidth = stringWidth(line);
  }
  return [...lines, line.trimEnd()].map((each) => `${indent}${each}`);
}

/**
 * A text behind a mark of `indent` columns: what does not fit into the first line goes on below the text, not below the mark. A command stays
 * on one line, whatever its length: what is broken cannot be copied.
 */
export function hangText(text: string, indent: number, width: number): string {
  const glue = (command: string): string => command.replaceAll(" ", GLUE);
  const lines = text
    .replaceAll(OWN_COMMAND, glue)
    .replaceAll(INSTALL_COMMAND, glue)
    .split("\n")
    .flatMap((line) => wrapText(line, width - indent));
  return lines.join(`\n${" ".repeat(indent)}`).replaceAll(GLUE, " ");
}

/** As a reader counts them: a letter with its accents, an emoji with its colour. */
const CHARACTERS = new Intl.Segmenter();
/** Characters without any width are cut too, when there are many of them. */
const MOST_PER_COLUMN = 20;

function cutAt(text: string, width: number): number {
  let end = 0;
  let left = width;
  for (const { segment } of CHARACTERS.segment(text)) {
    left -= stringWidth(segment);
    if (left < 0 || (end > 0 && end + segment.length > MOST_PER_COLUMN * width)) break;
    end += segment.length;
  }
  return Math.max(1, end);
}

/** Columns that the longest word takes, with what stands in front of it. */
export function widestWord(text: string): number {
  const [indent = ""] = /^\s*/.exec(text) ?? [];
  const words = text.trim().split(/\s+/);
  return stringWidth(indent) + words.reduce((widest, word) => Math.max(widest, stringWidth(word)), 0);
}
