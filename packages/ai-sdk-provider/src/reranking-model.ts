import { InvalidResponseDataError, type RerankingModelV4, type SharedV4Warning } from "@ai-sdk/provider";
import type { VllmClient } from "@vllm/client";
import { post } from "./call/post.ts";
import { readModelId } from "./call/model-id.ts";

/**
 * `providerOptions: { vllm: { ... } satisfies VllmRerankingModelOptions }`. Source: `RerankRequest`, vLLM 0.32.0
 * `entrypoints/pooling/scoring/protocol.py`.
 */
export interface VllmRerankingModelOptions {
  /** Keep this many tokens of query and document together; -1: as many as the window holds. */
  truncate_prompt_tokens?: number | undefined;
  truncation_side?: "left" | "right" | undefined;
  /** What makes a document relevant, for models that take an instruction (Qwen3-Reranker). */
  instruction?: string | undefined;
  /** Keep this many tokens of each document. */
  max_tokens_per_doc?: number | undefined;
  /** False: scores as the model gives them, without its activation (sigmoid). */
  use_activation?: boolean | undefined;
  /** Lower is served earlier. Refused unless the server runs with `--scheduling-policy priority`. */
  priority?: number | undefined;
  user?: string | undefined;
}

/** `POST /rerank` as a reranking model of the AI SDK. */
export function createRerankingModel(getClient: () => VllmClient, given: string | undefined): RerankingModelV4 {
  const { modelId, served } = readModelId(given);
  return {
    specificationVersion: "v4",
    provider: "vllm.reranking",
    modelId,
    async doRerank(call) {
      const { documents, query, topN, providerOptions } = call;
      const warnings: SharedV4Warning[] = [];
      const texts =
        documents.type === "text" ? documents.values : documents.values.map((value) => JSON.stringify(value));
      if (documents.type === "object") {
        const details = "vLLM ranks texts: each object is sent as its JSON.";
        warnings.push({ type: "compatibility", feature: "object documents", details });
      }
      const body = { ...providerOptions?.["vllm"], model: served, query, documents: texts, top_n: topN };
      const { answer, headers } = await post(getClient(), "/rerank", body, call);
      const { id, model, results } = answer as { id?: string; model?: string; results?: unknown };
      return {
        ranking: readRanking(results, texts.length),
        warnings,
        response: { ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { modelId: model }), headers },
      };
    },
  };
}

function readRanking(results: unknown, asked: number): { index: number; relevanceScore: number }[] {
  if (!Array.isArray(results)) throw unexpected();
  const ranking = results.map((result: { index?: unknown; relevance_score?: unknown } | null) => {
    const { index, relevance_score: relevanceScore } = result ?? {};
    const isDocument = typeof index === "number" && Number.isInteger(index) && index >= 0 && index < asked;
    if (!isDocument || typeof relevanceScore !== "number") throw unexpected();
    return { index, relevanceScore };
  });
  return ranking.toSorted((one, other) => other.relevanceScore - one.relevanceScore);
}

function unexpected(): InvalidResponseDataError {
  return new InvalidResponseDataError({
    data: undefined,
    message: "The server's answer to /rerank is not a ranking. Ask a vLLM server that serves a reranking model.",
  });
}
