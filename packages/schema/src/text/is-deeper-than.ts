const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * True when lists and objects of a JSON text are nested deeper than that many levels. Looked at before parsing: engines parse any
 * depth, and then overflow their stack on whatever walks the value (`JSON.stringify` at 6,000 levels in V8).
 */
export function isDeeperThan(text: string, levels: number): boolean {
  // Each level takes an opening and a closing bracket, so what is short need not be read.
  if (text.length < 2 * (levels + 1) || !hasMoreBrackets(text, levels)) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      depth += 1;
      if (depth > levels) return true;
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}

/** Opening brackets, in strings or not: searching for them is faster than reading. */
function hasMoreBrackets(text: string, most: number): boolean {
  let count = 0;
  for (const bracket of ["{", "["]) {
    for (let at = text.indexOf(bracket); at !== -1 && count <= most; at = text.indexOf(bracket, at + 1)) count += 1;
  }
  return count > most;
}

/** The place of the quote that ends the string which begins there: nearly all of a large text is in few strings, so it is searched for. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
