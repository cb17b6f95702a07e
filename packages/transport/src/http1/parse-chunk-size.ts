/** 2^48 bytes: what stands above it is no size. */
export const MOST_SIZE_DIGITS = 12;

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
/** In quotes: no quote, no control; a backslash takes the next character with it. */
const QUOTED = '"(?:[\\t !#-\\[\\]-~\\x80-\\uffff]|\\\\[\\t -~\\x80-\\uffff])*"';
const SIZE_LINE = new RegExp(
  `^([0-9A-Fa-f]{1,${MOST_SIZE_DIGITS}})(?:;${TOKEN}+(?:=(?:${TOKEN}+|${QUOTED}))?)*\\r\\n$`,
);

/** The line before a chunk, with its line end: a size, and extensions without a blank between them (RFC 9112, 7.1). */
export function parseChunkSize(line: string): number | undefined {
  const digits = SIZE_LINE.exec(line)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
