// Terminal escapes and line breaks (Cc), direction marks and zero-width characters (Cf), halves of characters (Cs): not to be shown or typed safely.
const UNSAFE = "[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]";

export function isSafe(text: string): boolean {
  return !new RegExp(UNSAFE, "u").test(text);
}

/** A text of a server as it may be printed: control characters as `\u001b`. */
export function escapeUnsafe(text: string, longest = 200): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(
    new RegExp(UNSAFE, "gu"),
    (character) => `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}`,
  );
}

/** The same in double quotes, line breaks as `\n`. */
export function quoteText(text: string, longest = 160): string {
  return escapeUnsafe(JSON.stringify(text.slice(0, longest)), Number.POSITIVE_INFINITY);
}
