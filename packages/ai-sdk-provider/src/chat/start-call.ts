import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatParams, ChatReply, ResponseInfo, VllmChatCompletionChunk, VllmClient } from "@vllm/client";
import { toHeaders } from "../call-headers.ts";
import type { ModelProfiles } from "../model-profiles.ts";
import { toApiCallError } from "../to-api-call-error.ts";
import { toChatParams } from "./to-chat-params.ts";

/** Whom a model asks, and what is known about it. */
export interface ModelContext {
  getClient: () => VllmClient;
  profiles: ModelProfiles;
}

/** One chat request on its way, and what is known of it when something goes wrong. */
export interface StartedCall {
  reply: ChatReply;
  warnings: SharedV4Warning[];
  url: string;
  /** Of the last answer. */
  readonly response: ResponseInfo | undefined;
  /** What to throw instead of an error of the client. */
  toError(error: unknown): unknown;
}

export function startCall(
  { getClient, profiles }: ModelContext,
  served: string | undefined,
  call: LanguageModelV4CallOptions,
  onRawChunk?: (chunk: VllmChatCompletionChunk) => void,
): StartedCall {
  const { params, warnings } = toChatParams(call, served);
  const { abortSignal } = call;
  const client = getClient();
  const url = `${client.baseUrl}/chat/completions`;
  let response: ResponseInfo | undefined;
  let asked = "";
  const reply = client.chat(params as ChatParams<undefined>, {
    headers: toHeaders(call.headers),
    signal: abortSignal,
    profile: (model) => profiles.find((asked = model)),
    onLearned: (facts) => profiles.learn(asked, facts),
    onResponse: (info) => (response = info),
    onRawChunk,
  });
  return {
    reply,
    warnings,
    url,
    get response() {
      return response;
    },
    toError: (error) => toApiCallError(error, { url, requestBody: params, response, abortSignal }),
  };
}
