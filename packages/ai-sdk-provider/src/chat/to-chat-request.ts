import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatParams, Thinking } from "@vllm/client";
import { readOptions } from "./language-model-options.ts";
import { toMessages } from "./to-messages.ts";
import { toJsonAnswer } from "./to-json-answer.ts";
import { toTools } from "./to-tools.ts";

export interface ChatRequest {
  params: ChatParams<undefined>;
  /** The request for an answer that was to be JSON and is not. */
  paramsAgain: ChatParams<undefined> | undefined;
  warnings: SharedV4Warning[];
}

/** A call of the AI SDK as a chat request. What the AI SDK has a setting for wins over the same thing in `providerOptions.vllm`. */
export function toChatRequest(call: LanguageModelV4CallOptions, served: string | undefined): ChatRequest {
  const warnings: SharedV4Warning[] = [];
  const tools = toTools(call, warnings);
  const mayCall = tools.tools !== undefined && tools.tool_choice !== "none";
  const given = toMessages(call.prompt, warnings);
  const { fields, messages, fieldsAgain } = toJsonAnswer(call.responseFormat, { messages: given, mayCall }, warnings);
  const settings: Omit<ChatParams<undefined>, "messages"> = {
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
  const params = {
    strictTools: "auto" as const,
    ...own,
    ...withValues(settings),
    ...fields,
    ...tools,
    ...ownThinking(own),
    messages,
  };
  return { params, paramsAgain: fieldsAgain === undefined ? undefined : { ...params, ...fieldsAgain }, warnings };
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
