import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type {
  ChatEvent,
  ChatOptions,
  ChatResult,
  ResponseInfo,
  VllmChatCompletionChunk,
  VllmClient,
} from "@vllm/client";
import { toHeaders } from "../call/call-headers.ts";
import type { ModelProfiles } from "../call/model-profiles.ts";
import { toApiCallError } from "../call/to-api-call-error.ts";
import { readJsonAnswer } from "./read-json-answer.ts";
import { toChatRequest } from "./to-chat-request.ts";

/** Whom a model asks, and what is known about it. */
export interface ModelContext {
  getClient: () => VllmClient;
  profiles: ModelProfiles;
}

/** One chat request on its way, and what is known of it when something goes wrong. */
export interface StartedCall {
  warnings: SharedV4Warning[];
  url: string;
  /** Of the last answer. */
  readonly response: ResponseInfo | undefined;
  /** Calls `onEvent` with each event; where it returns a promise, the next one waits for it. */
  read(onEvent: (event: ChatEvent) => Promise<void> | undefined): Promise<ChatResult>;
  /** Stops the server. */
  abort(reason?: unknown): void;
  /** What to throw instead of an error of the client. */
  toError(error: unknown): unknown;
}

export function startCall(
  { getClient, profiles }: ModelContext,
  served: string | undefined,
  call: LanguageModelV4CallOptions,
  onRawChunk?: (chunk: VllmChatCompletionChunk) => void,
): StartedCall {
  const { params, paramsAgain, warnings } = toChatRequest(call, served);
  const { abortSignal } = call;
  const client = getClient();
  const url = `${client.baseUrl}/chat/completions`;
  let response: ResponseInfo | undefined;
  let asked = "";
  const options: ChatOptions = {
    headers: toHeaders(call.headers),
    signal: abortSignal,
    profile: (model) => profiles.find((asked = model)),
    onLearned: (facts) => profiles.learn(asked, facts),
    onResponse: (info) => (response = info),
    onRawChunk,
  };
  let reply = client.chat(params, options);
  const askAgain = () => (reply = client.chat(paramsAgain ?? params, options));
  return {
    warnings,
    url,
    get response() {
      return response;
    },
    read: (onEvent) => (paramsAgain === undefined ? reply.forEach(onEvent) : readJsonAnswer(reply, askAgain, onEvent)),
    abort: (reason) => reply.abort(reason),
    toError: (error) => toApiCallError(error, { url, requestBody: params, response, abortSignal }),
  };
}
