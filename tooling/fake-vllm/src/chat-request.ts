/** The parts of a chat request that decide which recording answers it. Anything may be missing or of a wrong type. */
export interface ChatRequestLike {
  model?: unknown;
  messages?: unknown;
  stream?: unknown;
  stream_options?: unknown;
  max_tokens?: unknown;
  max_completion_tokens?: unknown;
  temperature?: unknown;
  top_logprobs?: unknown;
  logprobs?: unknown;
  n?: unknown;
  stop?: unknown;
  tools?: unknown;
  tool_choice?: unknown;
}

export interface ChatMessageLike {
  role?: unknown;
  content?: unknown;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function toChatRequest(body: unknown): ChatRequestLike {
  return isObject(body) ? body : {};
}

export function messagesOf(request: ChatRequestLike): readonly ChatMessageLike[] {
  return Array.isArray(request.messages) ? (request.messages as unknown[]).filter(isObject) : [];
}

export function textOf(message: ChatMessageLike | undefined): string {
  const { content } = message ?? {};
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: unknown }) => (typeof part?.text === "string" ? part.text : "")).join("");
}

export function toolNamesOf(request: ChatRequestLike): readonly string[] {
  if (!Array.isArray(request.tools)) return [];
  return request.tools.map((tool: { function?: { name?: unknown } }) => String(tool?.function?.name ?? ""));
}
