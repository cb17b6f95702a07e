import { cutText } from "./cut-text.ts";

/** Text of at most `maxChars` characters, cut at a line's end where one is near, with a note of what is missing. */
export function limitText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const lineEnd = text.lastIndexOf("\n", maxChars);
  const kept = lineEnd > maxChars / 2 ? text.slice(0, lineEnd) : cutText(text, maxChars);
  return `${kept}\n[cut: ${text.length - kept.length} more characters]`;
}
