export { createVllm, vllm } from "./create-vllm.ts";
export type { VllmProvider } from "./create-vllm.ts";
export type { VllmProviderSettings } from "./settings.ts";
export type { VllmLanguageModelOptions } from "./chat/language-model-options.ts";
export type { VllmEmbeddingModelOptions } from "./embedding-model.ts";
export type { VllmRerankingModelOptions } from "./reranking-model.ts";
