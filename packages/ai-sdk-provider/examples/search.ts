// #region docs
import { createVllm } from "@vllm/ai-sdk-provider";
import { cosineSimilarity, embedMany, rerank } from "ai";

const vllm = createVllm({ baseURL: "http://gpu2:8000/v1" });
const documents = ["world", "hello", "xyz"];
const { embeddings } = await embedMany({ model: vllm.embeddingModel(), values: ["hello", ...documents] });
const [query = [], ...others] = embeddings;
console.log(others.map((each) => cosineSimilarity(query, each).toFixed(2)));

const { ranking } = await rerank({ model: vllm.rerankingModel(), query: "hello", documents, topN: 2 });
console.log(ranking.map(({ document, score }) => `${document} ${score.toFixed(2)}`));
// #endregion
