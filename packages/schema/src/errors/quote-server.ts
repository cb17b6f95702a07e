const MAX_LENGTH = 300;

/** Pieces of a plain sentence: words and signs, an apostrophe, a short name in quotes, a list of numbers, a bracket, a colon. */
const PIECES = [
  `[^'"\`{[(:\\p{Cc}\\p{Cf}]+`,
  `(?<=\\w)'(?=[a-z]{1,2}\\b)`,
  `(['"\`])[\\w./-]{1,40}\\1(?!\\w)`,
  `\\[[\\d,. -]*[\\])]`,
  `\\((?!(?:parameter|value)=)`,
  `:(?!//)`,
];
const KEYS = /\b(?:Bearer|Basic) \S+|\b(?:sk|pk|hf|gsk|nvapi|ghp)[-_][\w-]{4,}/gi;

/**
 * The server's words, fit to be shown: one line, at most 300 characters. Servers copy parts of the request into their sentences, so
 * the quotation ends where something else than a plain sentence begins: a longer quotation, an object, a list, an address.
 * What has the form of a key is left out.
 */
export function quoteServer(text: string): string {
  let line = text
    .slice(0, 2000)
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  while (line.endsWith(" None")) line = line.slice(0, -" None".length);
  const piece = new RegExp(PIECES.join("|"), "uy");
  let end = 0;
  while (piece.test(line)) end = piece.lastIndex;
  // vLLM closes with the parameter and its value; the parameter is known and the value is the request's.
  const isWhole = end === line.length || /^\((parameter|value)=/.test(line.slice(end));
  const sentence = withoutRepeat(line.slice(0, end).replace(KEYS, "…").trim());
  const shown = isWhole ? sentence : `${sentence.replace(/ ?\($/, "")} …`;
  return shown.length <= MAX_LENGTH ? shown : `${shown.slice(0, MAX_LENGTH - 1).trimEnd()}…`;
}

/** vLLM 0.9 to 0.12 say a template's error twice. */
function withoutRepeat(text: string): string {
  const half = (text.length - 1) / 2;
  return Number.isInteger(half) && half > 0 && text.slice(0, half) === text.slice(half + 1)
    ? text.slice(0, half)
    : text;
}
