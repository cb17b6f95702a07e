import type { ChatMessage, ChatParams, VllmClient } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import { plainText } from "./guard/anthropic-messages.ts";
import { promptFits } from "./overflow-shapes.ts";

type Conversation = Pick<ChatParams, "messages" | "tools">;

/**
 * An overflow, and whose it is. Where the agent's own prompt (system messages, tools and the first user message alone) does not fit, no
 * compaction helps, and an agent that is told to compact does so for ever: then the error has the reason `own-prompt`.
 */
export async function explainOverflow(
  error: unknown,
  client: Pick<VllmClient, "countTokens">,
  model: string | undefined,
  conversation: Conversation,
): Promise<unknown> {
  if (!VllmError.isInstance(error) || error.code !== "CONTEXT_LENGTH_EXCEEDED") return error;
  const { maxModelLen: window, promptTokens, promptTokensAtLeast } = error;
  if (window === undefined || promptFits(error) || (conversation.tools ?? []).length === 0) return error;
  const opening = toOpening(conversation.messages);
  const isWhole = opening.length === conversation.messages.length;
  const known = isWhole && promptTokensAtLeast !== true ? promptTokens : undefined;
  const own = known ?? (await count(client, { model: model ?? "", ...conversation, messages: withOnePrompt(opening) }));
  if (own !== undefined && own >= window) return ownPromptTooLarge(error, own, window);
  return isWhole && own === undefined ? ownPromptTooLarge(error, undefined, window) : error;
}

/** What a conversation keeps through every compaction: what comes before its first answer. Codex says more than the question in the user's name. */
function toOpening(messages: readonly ChatMessage[]): ChatMessage[] {
  const answered = messages.findIndex((message) => message.role !== "user" && !isPrompt(message));
  return messages.filter((message, index) => answered === -1 || index < answered || isPrompt(message));
}

function isPrompt({ role }: ChatMessage): boolean {
  return role === "system" || role === "developer";
}

/** Codex sends prompts between other messages; templates accept one, in front. */
function withOnePrompt(messages: readonly ChatMessage[]): ChatMessage[] {
  const texts = messages.filter(isPrompt).map(({ content }) => plainText(content));
  const others = messages.filter((message) => !isPrompt(message));
  return texts.length === 0 ? others : [{ role: "system", content: texts.join("\n\n") }, ...others];
}

async function count(client: Pick<VllmClient, "countTokens">, params: ChatParams): Promise<number | undefined> {
  try {
    return await client.countTokens(params);
  } catch {
    // The refusal itself is what the agent has to see.
    return undefined;
  }
}

/** Its words hold none of those by which agents know that a conversation must be compacted. */
function ownPromptTooLarge(error: VllmError, own: number | undefined, window: number): VllmError {
  return new VllmError({
    code: "CONTEXT_LENGTH_EXCEEDED",
    reason: "own-prompt",
    status: 400,
    message: `The agent's own instructions and tools${own === undefined ? "" : ` (${own} tokens)`} do not fit this model, which holds ${window} tokens in all: a shorter conversation does not help.`,
    hint: `Start the server with a larger --max-model-len${own === undefined ? "" : ` (${suggestWindow(own)} or more)`}, or give the agent fewer tools.`,
    maxModelLen: window,
    promptTokens: own,
    cause: error,
  });
}

/** Room for the prompt, and as much again for the work. */
function suggestWindow(own: number): number {
  return 2 ** Math.ceil(Math.log2(own * 2));
}
