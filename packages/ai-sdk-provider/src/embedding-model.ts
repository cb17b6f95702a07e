import { InvalidResponseDataError, type EmbeddingModelV4 } from "@ai-sdk/provider";
import type { VllmClient } from "@vllm/client";
import { post } from "./call/post.ts";
import { readModelId } from "./call/model-id.ts";
import { toVector } from "./to-vector.ts";

/**
 * `providerOptions: { vllm: { ... } satisfies VllmEmbeddingModelOptions }`. Source: `EmbeddingCompletionRequest`, vLLM 0.32.0
 * `entrypoints/pooling/embed/protocol.py`.
 */
export interface VllmEmbeddingModelOptions {
  /** Keep this many tokens of each text; -1: as many as the window holds. Without it vLLM refuses a text that is too long. */
  truncate_prompt_tokens?: number | undefined;
  truncation_side?: "left" | "right" | undefined;
  add_special_tokens?: boolean | undefined;
  /** False: vectors as the model gives them, not brought to length 1. */
  use_activation?: boolean | undefined;
  /** Lower is served earlier. Refused unless the server runs with `--scheduling-policy priority`. */
  priority?: number | undefined;
  user?: string | undefined;
}

/** vLLM has no limit of its own; this many vectors of 8192 dimensions are 11 MB. */
const MOST_VALUES = 256;

/** `POST /v1/embeddings` as an embedding model of the AI SDK. */
export function createEmbeddingModel(getClient: () => VllmClient, given: string | undefined): EmbeddingModelV4 {
  const { modelId, served } = readModelId(given);
  return {
    specificationVersion: "v4",
    provider: "vllm.embedding",
    modelId,
    maxEmbeddingsPerCall: MOST_VALUES,
    supportsParallelCalls: true,
    async doEmbed(call) {
      const { values, dimensions, providerOptions } = call;
      // base64 is a third of the bytes of decimal numbers, and the same numbers.
      const body = {
        ...providerOptions?.["vllm"],
        model: served,
        input: values,
        encoding_format: "base64",
        dimensions,
      };
      const { answer, headers } = await post(getClient(), "/v1/embeddings", body, call);
      const { data, usage } = answer as {
        data?: { index?: number; embedding: unknown }[];
        usage?: { prompt_tokens?: number };
      };
      if (!Array.isArray(data) || data.length !== values.length) throw unexpected(data, values.length);
      const inOrder = data.toSorted((one, other) => (one.index ?? 0) - (other.index ?? 0));
      const tokens = usage?.prompt_tokens;
      return {
        embeddings: inOrder.map(({ embedding }) => toVector(embedding)),
        ...(tokens === undefined ? {} : { usage: { tokens } }),
        response: { headers },
        warnings: [],
      };
    },
  };
}

function unexpected(data: unknown, asked: number): InvalidResponseDataError {
  const got = Array.isArray(data) ? `${data.length} vectors` : "no list of vectors";
  return new InvalidResponseDataError({
    data: got,
    message: `The server answered ${asked} texts with ${got}. Ask a vLLM server that serves an embedding model.`,
  });
}
