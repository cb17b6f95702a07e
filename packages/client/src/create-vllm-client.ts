import { createOtherRoutes } from "./routes/other-routes.ts";
import { createChatReply, type ChatReply } from "./chat/chat-reply.ts";
import {
  checkClientOptions,
  checkModelsOptions,
  checkPostOptions,
  checkTokenizeOptions,
} from "./options/check-options.ts";
import type {
  ChatOptions,
  ModelsOptions,
  PostOptions,
  TokenizeOptions,
  VllmClientOptions,
} from "./options/client-options.ts";
import type { ServedModel } from "./routes/served-model.ts";
import { findProfile, rememberProfiles } from "./options/profile-source.ts";
import { createConnection, lowerCaseNames } from "./connection/connection.ts";
import { calledHeaders, fixedHeaders } from "./connection/header-source.ts";
import type { ChatParams, PrepareContext } from "./request/index.ts";
import { withModel } from "./request/with-model.ts";
import type { ChatResult } from "./stream/result.ts";
import {
  countTokens,
  detokenize,
  tokenize,
  type DetokenizeParams,
  type PostJson,
  type TokenizedText,
  type TokenizeParams,
} from "./routes/tokenize.ts";
import { postJson } from "./connection/request-json.ts";

/** A client for one vLLM server, or a router in front of several. Holds idle connections and nothing else. */
export interface VllmClient {
  /** Root of the OpenAI routes, such as `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  /** Sends a chat request (`POST /v1/chat/completions`) and returns at once. Never throws: what is wrong ends the reply. */
  chat<Output = undefined>(params: ChatParams<Output>, options?: ChatOptions): ChatReply<Output>;
  /**
   * The whole answer as one promise. It is streamed all the same, so that a stalled server is noticed; `stream: false` asks the
   * server for one JSON answer.
   *
   * @throws {VllmError}
   */
  complete<Output = undefined>(params: ChatParams<Output>, options?: ChatOptions): Promise<ChatResult<Output>>;
  /**
   * The models that the server serves at the moment (`GET /v1/models`), LoRA adapters included.
   *
   * @throws {VllmError}
   */
  models(options?: ModelsOptions): Promise<ServedModel[]>;
  /**
   * Tokens of a text or of a conversation, by the server's own tokenizer (`POST /tokenize`). Nothing is generated.
   *
   * @throws {VllmError}
   */
  tokenize(params: TokenizeParams, options?: TokenizeOptions): Promise<TokenizedText>;
  /**
   * The text of token ids (`POST /detokenize`).
   *
   * @throws {VllmError}
   */
  detokenize(params: DetokenizeParams, options?: TokenizeOptions): Promise<string>;
  /**
   * Tokens of a chat request's prompt (messages, tools, template), as `usage.prompt_tokens` will say.
   *
   * @throws {VllmError}
   */
  countTokens(params: ChatParams, options?: TokenizeOptions): Promise<number>;
  /**
   * Sends JSON to a route that has no method here, such as `/v1/embeddings`, `/rerank` or `/pooling`, and gives the JSON of its answer.
   * The answer may be as large as a chat's, and come as late as its first token. Nothing is sent again.
   *
   * @param path from the server's root on
   * @throws {VllmError}
   */
  post(path: string, body: Readonly<Record<string, unknown>>, options?: PostOptions): Promise<unknown>;
}

/** A prompt of a million tokens takes the server's tokenizer some seconds. */
const TOKENIZE_MS = 120_000;

/**
 * Creates a client. Nothing is sent before the first request.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createVllmClient(options: VllmClientOptions = {}): VllmClient {
  checkClientOptions(options);
  const connection = createConnection(options);
  const otherRoutes = createOtherRoutes(connection);

  function postFor(given: TokenizeOptions): PostJson {
    checkTokenizeOptions(given);
    const { signal } = given;
    return (path, body) => postJson(connection, path, body, { signal, timeoutMs: TOKENIZE_MS });
  }

  const ownProfile = rememberProfiles(options.profile);

  async function contextOf(params: TokenizeParams, { profile = ownProfile }: TokenizeOptions): Promise<PrepareContext> {
    const isFunction = typeof profile === "function";
    return { profile: isFunction ? await findProfile(profile, params, () => otherRoutes.findOnlyModel()) : profile };
  }

  function chat<Output = undefined>(params: ChatParams<Output>, chatOptions?: ChatOptions): ChatReply<Output> {
    return createChatReply<Output>({
      connection,
      otherRoutes,
      params,
      model: options.model,
      options: chatOptions ?? {},
      profile: ownProfile,
      recover: options.recover,
      brokenCalls: options.brokenCalls ?? "report",
      largeIntegers: options.largeIntegers,
      resume: options.resume,
      fitMaxTokens: options.fitMaxTokens ?? true,
    });
  }

  return {
    baseUrl: connection.apiRoot,
    chat,
    complete: (params, chatOptions) => chat(params, chatOptions).result(),
    models: async (given = {}) => {
      checkModelsOptions(given);
      return otherRoutes.listModels(given.signal);
    },
    tokenize: async (params, given = {}) => {
      const asked = withModel(params, options.model);
      return tokenize(postFor(given), asked, await contextOf(asked, given));
    },
    detokenize: async (params, given = {}) => detokenize(postFor(given), withModel(params, options.model)),
    countTokens: async (params, given = {}) => {
      const asked = withModel(params, options.model);
      return countTokens(postFor(given), asked, await contextOf(asked, given));
    },
    async post(path, body, given = {}) {
      checkPostOptions(given);
      return postJson(connection, path, body, {
        ...given,
        headers: lowerCaseNames((await calledHeaders(given.headers)) ?? fixedHeaders(given.headers)),
        timeoutMs: connection.timeouts.firstTokenMs,
        sizeLimit: "answerBytes",
      });
    },
  };
}
