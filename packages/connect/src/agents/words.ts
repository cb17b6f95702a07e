/** Whether the user's words contain one of these options, as `--model x`, `--model=x` or `-m x`. What follows a `--` of their own is text. */
export function hasOption(words: readonly string[], ...options: readonly string[]): boolean {
  const end = words.indexOf("--");
  const before = end === -1 ? words : words.slice(0, end);
  return before.some((word) => options.some((option) => word === option || word.startsWith(`${option}=`)));
}

/** `words` behind an option, unless the user has set it. */
export function withOption(
  words: readonly string[],
  [short, long, value]: readonly [string, string, string],
): string[] {
  return hasOption(words, short, long) ? [...words] : [long, value, ...words];
}
