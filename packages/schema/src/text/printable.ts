// Terminal escapes and line breaks (Cc), and marks that turn the direction of a line around: what follows would not be read as it is.
const UNSAFE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/u;
const ALL_UNSAFE = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu;

/** A name or an id from outside as it may be shown: on one line, without control characters. */
export function printable(text: string): string {
  return UNSAFE.test(text) ? text.replace(ALL_UNSAFE, "") : text;
}

/** The same for a text of several lines. */
export function printableLines(text: string): string {
  return UNSAFE.test(text) ? text.replace(ALL_UNSAFE, (character) => (character === "\n" ? "\n" : "")) : text;
}
