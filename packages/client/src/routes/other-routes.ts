import { VllmError, type VllmErrorFacts, notServed } from "@vllm/schema/core";
import type { Connection } from "../connection/connection.ts";
import type { ChatParams } from "../request/index.ts";
import { toServedModels, type ServedModel } from "./served-model.ts";
import { countTokens, type PostJson } from "./tokenize.ts";
import { postJson, requestJson } from "../connection/request-json.ts";

type Body = Readonly<Record<string, unknown>>;

/** What other routes of the server can add to a request or to an error. `explain` never throws. */
export interface OtherRoutes {
  /**
   * The id to send when the caller named none; asked for once.
   *
   * @param isStale the server no longer knows what it said: it serves another model now
   */
  findOnlyModel(options?: { isStale: boolean }): Promise<string>;
  /** @throws {VllmError} `NOT_VLLM` when the answer is not a list of models, and what `requestJson` throws */
  listModels(signal?: AbortSignal): Promise<ServedModel[]>;
  /** The same error with what other routes know: the prompt's true size where vLLM stopped counting, the ids that are served. */
  explain(error: VllmError, body: Body, signal: AbortSignal): Promise<VllmError>;
}

const ASK_MS = 5000;
/** A prompt that is too long takes the tokenizer its time. */
const COUNT_MS = 15_000;

export function createOtherRoutes(connection: Connection): OtherRoutes {
  let onlyModel: Promise<string> | undefined;

  async function listModels(signal?: AbortSignal): Promise<ServedModel[]> {
    const url = `${connection.apiRoot}/models`;
    const models = toServedModels(await requestJson(connection, { method: "GET", url, signal, timeoutMs: ASK_MS }));
    if (models === undefined) throw notAModelList(url);
    return models;
  }

  async function findOnlyModel(): Promise<string> {
    const cards = await listModels();
    const [first, ...others] = cards.filter((card) => card.parent === undefined);
    if (first === undefined) throw noModel(connection.apiRoot);
    // Several served names of one model are still one model.
    const isOnly = others.every((card) => card.root !== undefined && card.root === first.root);
    if (isOnly) return first.id;
    throw severalModels(cards.map((card) => card.id));
  }

  async function withTrueSize(error: VllmError, body: Body, signal: AbortSignal): Promise<VllmError> {
    if (error.promptTokens !== undefined && error.promptTokensAtLeast !== true) return error;
    const post: PostJson = (path, question) => postJson(connection, path, question, { signal, timeoutMs: COUNT_MS });
    // The body is ready to be sent: without a profile nothing of it is rewritten.
    return withPromptTokens(error, await countTokens(post, body as unknown as ChatParams));
  }

  return {
    // Without a signal: others may be waiting for the same answer.
    findOnlyModel({ isStale } = { isStale: false }) {
      if (isStale) onlyModel = undefined;
      onlyModel ??= findOnlyModel().catch((error: unknown) => {
        onlyModel = undefined;
        throw error;
      });
      return onlyModel;
    },
    listModels,
    async explain(error, body, signal) {
      try {
        if (error.code === "CONTEXT_LENGTH_EXCEEDED") return await withTrueSize(error, body, signal);
        if (error.code === "MODEL_NOT_FOUND" && error.availableModels === undefined)
          return withModels(error, String(body["model"]), await listModels(signal));
      } catch {
        // Whatever goes wrong here, the error itself is what the caller has to see.
      }
      return error;
    },
  };
}

function withPromptTokens(error: VllmError, promptTokens: number): VllmError {
  const { maxModelLen, requestedTokens } = error;
  const asked = requestedTokens === undefined ? "" : `, ${requestedTokens} output tokens were asked for`;
  const fits = maxModelLen !== undefined && promptTokens < maxModelLen;
  return new VllmError({
    ...factsOf(error),
    code: error.code,
    message: `The prompt has ${promptTokens} tokens${asked}, and the model's window is ${maxModelLen} tokens.`,
    hint: fits
      ? `Ask for at most ${maxModelLen - promptTokens} output tokens (max_tokens), or leave max_tokens out.`
      : `Shorten the conversation by ${maxModelLen === undefined ? "" : `at least ${promptTokens - maxModelLen + 1} tokens`}, or start the server with a larger --max-model-len.`,
    promptTokens,
    promptTokensAtLeast: undefined,
  });
}

function withModels(error: VllmError, asked: string, cards: readonly ServedModel[]): VllmError {
  const availableModels = cards.map((card) => card.id);
  return new VllmError({
    ...factsOf(error),
    code: error.code,
    ...notServed(asked, availableModels),
    availableModels,
  });
}

function factsOf(error: VllmError): VllmErrorFacts & { isRetryable: boolean; cause?: unknown } {
  const { status, requestId, url, maxModelLen, requestedTokens, isRetryable, cause } = error;
  return {
    status,
    requestId,
    url,
    maxModelLen,
    requestedTokens,
    isRetryable,
    ...(cause === undefined ? {} : { cause }),
  };
}

function noModel(apiRoot: string): VllmError {
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    message: `The server at ${apiRoot} serves no model at the moment.`,
    hint: "A router lists no model while its servers are down. Name a model to send the request all the same (model).",
    availableModels: [],
    isRetryable: true,
  });
}

function severalModels(ids: readonly string[]): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `The server has several models, and the request names none: ${ids.join(", ")}.`,
    hint: "Name one of them (model, in the request or in createVllmClient).",
    availableModels: ids,
  });
}

function notAModelList(url: string): VllmError {
  return new VllmError({
    code: "NOT_VLLM",
    message: `${url} did not answer with a list of models.`,
    hint: "Check the address (baseUrl), or name the model (model).",
    url,
  });
}
