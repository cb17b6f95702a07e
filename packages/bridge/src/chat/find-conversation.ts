import { conversationId } from "@vllm/client";

type Header = (name: string) => string | undefined;
type Body = Readonly<Record<string, unknown>>;

/** Where agents name their conversation, the most certain place first: pi, Codex, OpenCode, Claude Code, Qwen Code. */
const SESSION_HEADERS = [
  "x-session-id",
  "x-session-affinity",
  "session-id",
  "session_id",
  "x-claude-code-session-id",
] as const;

/**
 * The name of the conversation that a request belongs to, by which a router keeps it on the server that has its prompt cached: the agent's
 * own, or one made of what stays the same from turn to turn.
 */
export function findConversation(header: Header, body: Body): string | undefined {
  const named = [...SESSION_HEADERS.map(header), body["prompt_cache_key"]].find(isName);
  return named ?? conversationId(messagesOf(body));
}

/** Of a chat, of Anthropic's messages, of OpenAI's responses. */
function messagesOf({ system, instructions, messages, input }: Body): object[] {
  const turns = messages ?? (typeof input === "string" ? [{ role: "user", content: input }] : input);
  const prompt = system ?? instructions;
  return [...(prompt === undefined ? [] : [{ role: "system", content: prompt }]), ...toObjects(turns)];
}

function toObjects(turns: unknown): object[] {
  return Array.isArray(turns) ? turns.filter((turn) => typeof turn === "object" && turn !== null) : [];
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}
