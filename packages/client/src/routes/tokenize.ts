import { VllmError } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";
import { prepareRequest } from "../request/index.ts";
import type { ChatParams, PrepareContext } from "../request/index.ts";

/**
 * Sends a JSON body to a path of the server's root (`/tokenize`, not below `/v1`) and gives the JSON of the answer.
 * Throws a `VllmError` when there is none.
 */
export type PostJson = (path: string, body: Readonly<Record<string, unknown>>) => Promise<unknown>;

/** A text to tokenize as it is. Source: `TokenizeCompletionRequest`, vLLM 0.32.0 `entrypoints/serve/tokenize/protocol.py`. */
export interface TokenizeTextParams {
  model?: string | undefined;
  prompt: string;
  /** False: no begin-of-text token in front. Default true. */
  add_special_tokens?: boolean | undefined;
  /** True: the texts of the tokens too. */
  return_token_strs?: boolean | undefined;
}

/** A conversation to render with the model's template and to tokenize; rewritten as a chat request would be. */
export type TokenizeChatParams = ChatParams & { return_token_strs?: boolean | undefined };

/** A text as it is, or a conversation. */
export type TokenizeParams = TokenizeTextParams | TokenizeChatParams;

/** What `/tokenize` says. */
export interface TokenizedText {
  /** Number of tokens. */
  count: number;
  tokens: number[];
  /** The texts of the tokens, with `return_token_strs`. */
  tokenStrings?: string[] | undefined;
  /** The model's window in tokens; vLLM does not limit the prompt here. */
  maxModelLen?: number | undefined;
}

/** Token ids to turn into text. Source: `DetokenizeRequest`, vLLM 0.32.0 `entrypoints/serve/tokenize/protocol.py`. */
export interface DetokenizeParams {
  model?: string | undefined;
  tokens: readonly number[];
}

/**
 * Tokenizes by the server's own tokenizer (`POST /tokenize`). No token is generated.
 *
 * @throws VllmError NOT_VLLM when the answer is no token count (a gateway without the route may answer anything),
 * INVALID_REQUEST when there is neither a text nor a conversation.
 */
export async function tokenize(
  post: PostJson,
  params: TokenizeParams,
  context: PrepareContext = {},
): Promise<TokenizedText> {
  if (!isRecord(params) || !("prompt" in params || "messages" in params)) throw nothingToTokenize();
  const answer = await post("/tokenize", isText(params) ? { ...params } : toChatBody(params, context));
  const { count, tokens, token_strs: tokenStrings, max_model_len: maxModelLen } = asRecord(answer);
  if (typeof count !== "number" || !Array.isArray(tokens)) throw unexpectedAnswer("/tokenize");
  return {
    count,
    tokens: tokens as number[],
    ...(Array.isArray(tokenStrings) ? { tokenStrings: tokenStrings as string[] } : {}),
    ...(typeof maxModelLen === "number" ? { maxModelLen } : {}),
  };
}

/**
 * The text of token ids (`POST /detokenize`). Ids outside the vocabulary give an empty text.
 *
 * @throws VllmError NOT_VLLM when the answer holds no text.
 */
export async function detokenize(post: PostJson, params: DetokenizeParams): Promise<string> {
  const { prompt } = asRecord(await post("/detokenize", { ...params }));
  if (typeof prompt !== "string") throw unexpectedAnswer("/detokenize");
  return prompt;
}

/** How many tokens a chat request's prompt has: messages, tools and template, as `usage.prompt_tokens` will say. */
export async function countTokens(post: PostJson, params: ChatParams, context: PrepareContext = {}): Promise<number> {
  return (await tokenize(post, params, context)).count;
}

/** Fields of a chat request that shape the prompt and that `/tokenize` takes. */
const PROMPT_FIELDS = [
  "model",
  "messages",
  "tools",
  "chat_template",
  "add_generation_prompt",
  "continue_final_message",
  "add_special_tokens",
  "media_io_kwargs",
  "mm_processor_kwargs",
  "return_token_strs",
];

/** The body whose rendering is the one of the chat request: `/tokenize` knows `reasoning_effort` only as a template variable. */
function toChatBody(params: TokenizeChatParams, context: PrepareContext): Record<string, unknown> {
  const { body } = prepareRequest(params, context);
  const { reasoning_effort: effort } = body;
  const given = body["chat_template_kwargs"] as Record<string, unknown> | null | undefined;
  const kwargs =
    effort === undefined || effort === null
      ? given
      : { enable_thinking: effort !== "none", ...given, reasoning_effort: effort };
  const fields = Object.fromEntries(
    PROMPT_FIELDS.filter((field) => field in body).map((field) => [field, body[field]]),
  );
  return kwargs === undefined || kwargs === null ? fields : { ...fields, chat_template_kwargs: kwargs };
}

function isText(params: TokenizeParams): params is TokenizeTextParams {
  return "prompt" in params;
}

function asRecord(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function nothingToTokenize(): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    message: "There is nothing to tokenize: neither a text nor a conversation.",
    hint: 'Pass prompt: "…", or messages: [{ role: "user", content: "…" }].',
  });
}

function unexpectedAnswer(path: string): VllmError {
  return new VllmError({
    code: "NOT_VLLM",
    message: `The server's answer to ${path} is not vLLM's.`,
    hint: `Ask the vLLM server itself: some gateways have no ${path}.`,
  });
}
