import type { ChatMessage } from "@vllm/client";
import { isNotice } from "./error-text.ts";
import type {
  AssistantTurn,
  AgentContext,
  AgentModelRow,
  MediaBlock,
  TextBlock,
  ToolCallBlock,
  ToolResultTurn,
  UserTurn,
} from "./stream-types.ts";

type UserPart = Exclude<Extract<ChatMessage, { role: "user" }>["content"], string>[number];

/**
 * The agent's conversation as chat messages: the thought of each turn goes back with it, ids stay as the server made them, turns that
 * failed are left out and so are our words about one, a call without a result gets one. Media that the model does not take are replaced by a word that says so.
 */
export function toChatMessages(context: AgentContext, model: AgentModelRow): ChatMessage[] {
  const messages: ChatMessage[] = [];
  if (context.systemPrompt !== undefined && context.systemPrompt !== "")
    messages.push({ role: "system", content: wellFormed(context.systemPrompt) });
  let calls: ToolCallBlock[] = [];
  const answered = new Set<string>();
  const closeOpenCalls = (): void => {
    for (const { id } of calls) {
      if (!answered.has(id)) messages.push({ role: "tool", tool_call_id: id, content: "No result provided" });
    }
    calls = [];
    answered.clear();
  };
  for (const turn of context.messages) {
    if (turn.role === "toolResult") {
      answered.add(turn.toolCallId);
      messages.push(...toToolMessages(turn, model));
      continue;
    }
    closeOpenCalls();
    if (turn.role === "user") messages.push(toUserMessage(turn, model));
    else if (turn.stopReason !== "error" && turn.stopReason !== "aborted") {
      const message = toAssistantMessage(turn);
      if (message !== undefined) messages.push(message);
      calls = turn.content.filter((block) => block.type === "toolCall");
    }
  }
  closeOpenCalls();
  return messages;
}

function toUserMessage({ content }: UserTurn, model: AgentModelRow): ChatMessage {
  if (typeof content === "string") return { role: "user", content: wellFormed(content) };
  const parts = content.map((block) => toPart(block, model));
  const isPlain = parts.every((part) => part.type === "text");
  return { role: "user", content: isPlain ? parts.map((part) => part.text).join("\n") : parts };
}

function toPart(block: TextBlock | MediaBlock, model: AgentModelRow): UserPart {
  if (block.type === "text") return { type: "text", text: wellFormed(block.text) };
  if (!(model.input ?? ["text"]).includes(block.type))
    return { type: "text", text: `(${block.type} omitted: the model does not take it)` };
  const url = `data:${block.mimeType};base64,${block.data}`;
  if (block.type === "image") return { type: "image_url", image_url: { url } };
  return block.type === "video" ? { type: "video_url", video_url: { url } } : { type: "audio_url", audio_url: { url } };
}

function toAssistantMessage({ content }: AssistantTurn): ChatMessage | undefined {
  const text = content.flatMap((block) => (block.type === "text" && isSaid(block.text) ? [block.text] : []));
  const thought = content.flatMap((block) =>
    block.type === "thinking" && block.thinking.trim() !== "" ? [block.thinking] : [],
  );
  const calls = content.filter((block) => block.type === "toolCall");
  if (text.length === 0 && calls.length === 0) return undefined;
  return {
    role: "assistant",
    content: text.length === 0 ? null : wellFormed(text.join("\n")),
    ...(thought.length === 0 ? {} : { reasoning: wellFormed(thought.join("\n")) }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map((call) => ({
            id: call.id,
            type: "function" as const,
            function: { name: call.name, arguments: JSON.stringify(call.arguments) },
          })),
        }),
  };
}

function isSaid(text: string): boolean {
  return text.trim() !== "" && !isNotice(text);
}

/** Pictures follow in a user's message: only some templates take them in a tool's. */
function toToolMessages(turn: ToolResultTurn, model: AgentModelRow): ChatMessage[] {
  const text = turn.content.flatMap((block) => (block.type === "text" ? [block.text] : [])).join("\n");
  const media = turn.content.filter((block) => block.type !== "text");
  const taken = media.filter((block) => (model.input ?? ["text"]).includes(block.type));
  const missing = media.length - taken.length;
  const note = missing === 0 ? "" : `(${missing} picture(s) omitted: the model does not take them)`;
  const content = [text, note].filter((line) => line !== "").join("\n");
  const result: ChatMessage = {
    role: "tool",
    tool_call_id: turn.toolCallId,
    content: wellFormed(content || "(no output)"),
  };
  if (taken.length === 0) return [result];
  const label: UserPart = { type: "text", text: `From the result of ${turn.toolName ?? "the tool"}:` };
  return [result, { role: "user", content: [label, ...taken.map((block) => toPart(block, model))] }];
}

const LONE_SURROGATES = /\p{Surrogate}+/gu;

/** A lone half of a surrogate pair cannot be sent as UTF-8. */
function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATES, (halves) => "\ufffd".repeat(halves.length));
}
