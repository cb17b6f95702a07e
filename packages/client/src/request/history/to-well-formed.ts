const LONE_SURROGATES = /\p{Surrogate}+/gu;

/** Replaces halves of characters, which a cut tool result may end in: vLLM answers 400 to them (TextEncodeInput must be …). */
export function toWellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, (halves) => "\uFFFD".repeat(halves.length));
}

/** The same for the content of a message: a text, or parts with texts. */
export function toWellFormedContent(content: unknown): unknown {
  if (typeof content === "string") return toWellFormed(content);
  if (!Array.isArray(content)) return content;
  return content.map((part: unknown) => {
    const text = typeof part === "object" && part !== null ? (part as { text?: unknown }).text : undefined;
    return typeof text === "string" ? { ...(part as object), text: toWellFormed(text) } : part;
  });
}
