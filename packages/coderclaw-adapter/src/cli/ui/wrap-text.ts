import stringWidth from "string-width";

/**
 * Lines of at most `width` columns, broken between words; the white space in front of the first one stands in front of each.
 * A word that is longer is cut, and goes on in the next line: an id that is not whole cannot be copied.
 */
export function wrapText(text: string, width: number): string[] {
  const [indent = ""] = /^\s*/.exec(text) ?? [];
  const most = Math.max(1, width - stringWidth(indent));
  const lines: string[] = [];
  let line = "";
  for (const word of text.slice(indent.length).split(/(?<=\s)/)) {
    if (line !== "" && stringWidth(line + word.trimEnd()) > most) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += word;
    while (stringWidth(line.trimEnd()) > most) {
      const cut = cutAt(line, most);
      lines.push(line.slice(0, cut));
      line = line.slice(cut);
    }
  }
  return [...lines, line.trimEnd()].map((each) => `${indent}${each}`);
}

/** A text behind a mark of `indent` columns: what does not fit into the first line goes on below the text, not below the mark. */
export function hangText(text: string, indent: number, width: number): string {
  const lines = text.split("\n").flatMap((line) => wrapText(line, width - indent));
  return lines.join(`\n${" ".repeat(indent)}`);
}

function cutAt(text: string, width: number): number {
  let end = 0;
  for (const character of text) {
    if (stringWidth(text.slice(0, end + character.length)) > width) break;
    end += character.length;
  }
  return Math.max(1, end);
}

/** Columns that the longest word takes, with what stands in front of it. */
export function widestWord(text: string): number {
  const [indent = ""] = /^\s*/.exec(text) ?? [];
  return (
    stringWidth(indent) +
    Math.max(
      ...text
        .trim()
        .split(/\s+/)
        .map((word) => stringWidth(word)),
    )
  );
}
