import {
  toOpenAIFinishReason,
  type ChatChoice,
  type ChatResult,
  type ParsedToolCall,
  type WireUsage,
} from "@vllm/client";
import { toArgumentsText } from "./streamed-answer.ts";

/** An answer that is not streamed, as vLLM 0.32 writes it. */
export function toWholeAnswer(result: ChatResult<unknown>, usage: WireUsage | undefined): object {
  return {
    id: result.id,
    object: "chat.completion",
    created: result.created ?? Math.floor(Date.now() / 1000),
    model: result.model,
    choices: result.choices.map(toChoice),
    service_tier: null,
    system_fingerprint: result.systemFingerprint ?? null,
    usage: usage ?? null,
    prompt_logprobs: null,
    prompt_token_ids: result.promptTokenIds ?? null,
    kv_transfer_params: null,
  };
}

function toCall(call: ParsedToolCall): object {
  return {
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: toArgumentsText(call.argumentsText) },
  };
}

function toChoice(choice: ChatChoice): object {
  const { choiceIndex, text, thinking, toolCalls, logprobs, stopReason, tokenIds } = choice;
  return {
    index: choiceIndex,
    message: {
      role: "assistant",
      content: text === "" ? null : text,
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(toCall) }),
      reasoning: thinking === "" ? null : thinking,
    },
    logprobs: logprobs ?? null,
    finish_reason: toOpenAIFinishReason(choice),
    stop_reason: stopReason ?? null,
    token_ids: tokenIds ?? null,
  };
}
