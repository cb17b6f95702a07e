/**
 * Whether a chat request is the first of a conversation with tools: system messages, tools and a question, no answer. Such a prompt is the agent's
 * own, and no compaction makes it smaller.
 */
export function isOpening(body: Readonly<Record<string, unknown>>): boolean {
  const { tools, messages } = body;
  if (!Array.isArray(tools) || tools.length === 0 || !Array.isArray(messages)) return false;
  const roles = messages.map((message) => (message as { role?: unknown } | null)?.role);
  const others = roles.filter((role) => role !== "system" && role !== "developer");
  // Some agents say more than the question in the user's name.
  return others.length > 0 && others.every((role) => role === "user");
}
