import type { EmbeddingModelV4, LanguageModelV4, ProviderV4, RerankingModelV4 } from "@ai-sdk/provider";
import {
  createVllm,
  type VllmEmbeddingModelOptions,
  type VllmLanguageModelOptions,
  type VllmRerankingModelOptions,
} from "@vllm/ai-sdk-provider";
import type { EmbeddingModel, LanguageModel, RerankingModel, streamText } from "ai";
import { expect, expectTypeOf, test } from "vitest";

const vllm = createVllm({ baseURL: "http://127.0.0.1:1" });
type ProviderOptions = NonNullable<Parameters<typeof streamText>[0]["providerOptions"]>;

test("models fit where the AI SDK takes one", () => {
  expectTypeOf(vllm).toExtend<ProviderV4>();
  expectTypeOf(vllm("a")).toEqualTypeOf<LanguageModelV4>();
  expectTypeOf(vllm.embeddingModel("a")).toEqualTypeOf<EmbeddingModelV4>();
  expectTypeOf(vllm.rerankingModel("a")).toEqualTypeOf<RerankingModelV4>();
  expectTypeOf(vllm()).toExtend<LanguageModel>();
  expectTypeOf(vllm.embeddingModel()).toExtend<EmbeddingModel>();
  expectTypeOf(vllm.rerankingModel()).toExtend<RerankingModel>();
  expectTypeOf(vllm.imageModel).returns.toEqualTypeOf<never>();
});

test("options are typed, and fit into providerOptions", () => {
  const chat = {
    vllm: {
      top_k: 20,
      thinking: { budgetTokens: 1000 },
      chat_template_kwargs: { enable_thinking: false },
      structured_outputs: { regex: "[a-z]+" },
      repetition_detection: { max_pattern_size: 4 },
      extra_body: { mine: [1, null] },
    } satisfies VllmLanguageModelOptions,
  };
  expectTypeOf(chat).toExtend<ProviderOptions>();
  const embedding = { vllm: { truncate_prompt_tokens: -1 } satisfies VllmEmbeddingModelOptions };
  expectTypeOf(embedding).toExtend<ProviderOptions>();
  const reranking = { vllm: { max_tokens_per_doc: 512 } satisfies VllmRerankingModelOptions };
  expectTypeOf(reranking).toExtend<ProviderOptions>();
  // @ts-expect-error a misspelt name
  expect({ chat_template_kwarg: {} } satisfies VllmLanguageModelOptions).toBeDefined();
  // @ts-expect-error the AI SDK has a setting for it
  expect({ temperature: 1 } satisfies VllmLanguageModelOptions).toBeDefined();
  // @ts-expect-error a wrong word
  expect({ thinking: "hard" } satisfies VllmLanguageModelOptions).toBeDefined();
});

test("settings that are decided elsewhere are no settings", () => {
  // @ts-expect-error the AI SDK sends again
  expect(() => createVllm({ retry: { maxRetries: 1 } })).toThrow("createVllm has no setting retry");
  // @ts-expect-error a broken call is never handed over
  expect(() => createVllm({ brokenCalls: "report" })).toThrow("createVllm has no setting brokenCalls");
});
