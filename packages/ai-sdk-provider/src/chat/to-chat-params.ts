import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatParams, Thinking } from "@vllm/client";
import { readOptions } from "./language-model-options.ts";
import { toMessages } from "./to-messages.ts";
import { toJsonAnswer } from "./to-response-format.ts";
import { toTools } from "./to-tools.ts";

/** A call of the AI SDK as a chat request. What the AI SDK has a setting for wins over the same thing in `providerOptions.vllm`. */
export function toChatParams(
  call: LanguageModelV4CallOptions,
  served: string | undefined,
): { params: ChatParams; warnings: SharedV4Warning[] } {
  const warnings: SharedV4Warning[] = [];
  const tools = toTools(call, warnings);
  const mayCall = tools.tools !== undefined && tools.tool_choice !== "none";
  const given = toMessages(call.prompt, warnings);
  const { fields, messages } = toJsonAnswer(call.responseFormat, { messages: given, mayCall }, warnings);
  const settings: Omit<ChatParams, "messages"> = {
    model: served,
    max_tokens: call.maxOutputTokens,
    temperature: call.temperature,
    top_p: call.topP,
    top_k: call.topK,
    presence_penalty: call.presencePenalty,
    frequency_penalty: call.frequencyPenalty,
    stop: call.stopSequences?.length === 0 ? undefined : call.stopSequences,
    seed: call.seed,
    thinking: toThinking(call.reasoning),
  };
  const own = readOptions(call.providerOptions, warnings);
  return { params: { ...own, ...withValues(settings), ...fields, ...tools, ...ownThinking(own), messages }, warnings };
}

/** What the caller wrote for vLLM says more than the AI SDK's word for it. */
function ownThinking({ thinking }: Pick<ChatParams, "thinking">): Pick<ChatParams, "thinking"> {
  return thinking === undefined ? {} : { thinking };
}

function toThinking(reasoning: LanguageModelV4CallOptions["reasoning"]): Thinking | undefined {
  if (reasoning === undefined || reasoning === "provider-default") return undefined;
  return reasoning === "none" ? "off" : { effort: reasoning };
}

function withValues<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}
