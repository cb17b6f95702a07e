import { toOpenAIFinishReason } from "@vllm/client";
import type { ChatChoice, ChatEvent, ChatResult, ParsedToolCall, WireUsage } from "@vllm/client";
import type { UnknownFields } from "./unknown-fields.ts";

/** Writes the chunks of one streamed answer as vLLM 0.32 does. Each text is whole events of SSE, ready to be sent. */
export interface ChunkRenderer {
  /** Undefined for an event that no chunk carries. */
  renderEvent(event: ChatEvent<unknown>): string | undefined;
  /** The calls, the finish, the usage if there is one, and `[DONE]`. */
  renderEnd(result: ChatResult<unknown>, usage: WireUsage | undefined): string;
}

/** Ends every stream, one that failed too. */
export const DONE = "data: [DONE]\n\n";

/** `model` is the request's, until vLLM names the one that answers. */
export function createChunkRenderer(model: string): ChunkRenderer {
  const created = Math.floor(Date.now() / 1000);
  let prefix = toPrefix("chatcmpl-bridge", created, model);
  let hasStarted = false;
  const hasRole = new Set<number>();

  function roleChunk(choiceIndex: number): string {
    hasRole.add(choiceIndex);
    return `${prefix}"choices":[{"index":${choiceIndex},"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}\n\n`;
  }

  function deltaChunk(choiceIndex: number, delta: string, rest = UNFINISHED): string {
    const chunk = `${prefix}"choices":[{"index":${choiceIndex},"delta":${delta},${rest}}]}\n\n`;
    return hasRole.has(choiceIndex) ? chunk : roleChunk(choiceIndex) + chunk;
  }

  return {
    renderEvent(event) {
      switch (event.type) {
        case "start":
          // A second attempt is the same answer to the client.
          if (hasStarted) return undefined;
          hasStarted = true;
          prefix = toPrefix(event.id, created, event.model);
          return roleChunk(0);
        case "text_delta":
          return deltaChunk(event.choiceIndex, `{"content":${JSON.stringify(event.delta)}}`);
        case "thinking_delta":
          return deltaChunk(event.choiceIndex, `{"reasoning":${JSON.stringify(event.delta)}}`);
        case "tokens": {
          const { logprobs = null, tokenIds = null } = event;
          return deltaChunk(event.choiceIndex, "{}", toFields({ logprobs, finish_reason: null, token_ids: tokenIds }));
        }
        default:
          return undefined;
      }
    },
    renderEnd(result, usage) {
      let text = "";
      for (const choice of result.choices) {
        for (const [index, call] of choice.toolCalls.entries()) {
          text += deltaChunk(choice.choiceIndex, JSON.stringify({ tool_calls: [toCall(call, { index })] }));
        }
        text += deltaChunk(choice.choiceIndex, "{}", toFields(toEnding(choice, { logprobs: null, tokenIds: null })));
      }
      if (usage !== undefined) {
        const { systemFingerprint } = result;
        const last = { usage, ...(systemFingerprint === undefined ? {} : { system_fingerprint: systemFingerprint }) };
        text += `${prefix}"choices":[],${toFields(last)}}\n\n`;
      }
      return text + DONE;
    },
  };
}

/** An answer that is not streamed, as vLLM 0.32 writes it, with the fields that are not known here as they came. */
export function renderWhole(
  result: ChatResult<unknown>,
  usage: WireUsage | undefined,
  unknownFields: Pick<UnknownFields, "answer" | "choice">,
): object {
  return {
    id: result.id,
    object: "chat.completion",
    created: result.created ?? Math.floor(Date.now() / 1000),
    model: result.model,
    choices: result.choices.map((choice) => toChoice(choice, unknownFields.choice(choice.choiceIndex))),
    service_tier: null,
    system_fingerprint: result.systemFingerprint ?? null,
    usage: usage ?? null,
    prompt_logprobs: null,
    prompt_token_ids: result.promptTokenIds ?? null,
    kv_transfer_params: null,
    ...unknownFields.answer,
  };
}

function toChoice(choice: ChatChoice, unknown: ReturnType<UnknownFields["choice"]>): object {
  const { choiceIndex, text, thinking, toolCalls, logprobs, tokenIds } = choice;
  return {
    index: choiceIndex,
    message: {
      role: "assistant",
      content: text === "" ? null : text,
      refusal: null,
      annotations: null,
      audio: null,
      function_call: null,
      ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map((call) => toCall(call)) }),
      reasoning: thinking === "" ? null : thinking,
      ...unknown.message,
    },
    ...toEnding(choice, { logprobs: logprobs ?? null, tokenIds: tokenIds ?? null }),
    ...unknown.choice,
  };
}

/** In a chunk, a call has an index. */
function toCall({ id, name, argumentsText }: ParsedToolCall, place: { index?: number } = {}): object {
  // A call without arguments is `{}` to every client.
  const whole = argumentsText.trim() === "" ? "{}" : argumentsText;
  return { id, type: "function", ...place, function: { name, arguments: whole } };
}

/** Of the tokens, a stream's last chunk has none: they came with the others. */
function toEnding(choice: ChatChoice, tokens: { logprobs: unknown; tokenIds: unknown }): object {
  return {
    logprobs: tokens.logprobs,
    finish_reason: toOpenAIFinishReason(choice),
    stop_reason: choice.stopReason ?? null,
    token_ids: tokens.tokenIds,
  };
}

const UNFINISHED = toFields({ logprobs: null, finish_reason: null, token_ids: null });

function toPrefix(id: string, created: number, model: string): string {
  return `data: {${toFields({ id, object: "chat.completion.chunk", created, model })},`;
}

/** JSON without its braces: chunks are put together as text, for a delta is too little to build an object for. */
function toFields(value: object): string {
  return JSON.stringify(value).slice(1, -1);
}
