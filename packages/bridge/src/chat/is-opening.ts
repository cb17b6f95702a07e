/**
 * Whether a chat request is the first of a conversation with tools: system messages, tools and one user message. Such a prompt is the agent's
 * own, and no compaction makes it smaller.
 */
export function isOpening(body: Readonly<Record<string, unknown>>): boolean {
  const { tools, messages } = body;
  if (!Array.isArray(tools) || tools.length === 0 || !Array.isArray(messages)) return false;
  const roles = messages.map((message) => (message as { role?: unknown } | null)?.role);
  const others = roles.filter((role) => role !== "system" && role !== "developer");
  return others.length === 1 && others[0] === "user";
}
