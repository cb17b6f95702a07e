/** As much of a message as tells conversations apart. */
interface NamingMessage {
  role?: unknown;
  content?: unknown;
}

/**
 * A name for a conversation that has none, for `affinity`: made of its system prompt and its first user message, which stay the same
 * from turn to turn. Undefined before there is a user message. It holds nothing that can be read.
 */
export function conversationId(messages: readonly NamingMessage[]): string | undefined {
  const firstUser = messages.findIndex((message) => message?.role === "user");
  if (firstUser < 0) return undefined;
  const opening = messages.slice(0, firstUser + 1).filter(({ role }) => role !== "assistant" && role !== "tool");
  return `conversation-${hash(
    JSON.stringify(
      opening.map(({ role, content }) => [role, content]),
      withoutMarks,
    ),
  )}`;
}

/** Agents move these from turn to turn. */
function withoutMarks(key: string, value: unknown): unknown {
  return key === "cache_control" ? undefined : value;
}

/** Two FNV-1a passes of 32 bits. Which server a conversation is kept on is all that hangs on it. */
function hash(text: string): string {
  let first = 0x811c9dc5;
  let second = 0x01000193;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b);
  }
  return [first, second].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
