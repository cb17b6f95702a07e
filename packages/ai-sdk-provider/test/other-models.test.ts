import { loadFixture } from "@vllm-tooling/fixtures";
import { createVllm, vllm, type VllmEmbeddingModelOptions } from "@vllm/ai-sdk-provider";
import { createProviderRegistry, embed, embedMany, rerank } from "ai";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { streamed } from "./support/answers.ts";
import { play, type Played } from "./support/play-server.ts";

beforeAll(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

function recorded(name: string): Played & { body: object } {
  const { status, body } = loadFixture(`0.32.0/lab-embed/${name}`).response;
  return { status: status ?? 0, body: JSON.parse(new TextDecoder().decode(body)) as object };
}

describe("embeddings", () => {
  const numbers = (recorded("embeddings").body as { data: { embedding: number[] }[] }).data;

  test("are the numbers that vLLM sends as numbers", async () => {
    const { baseUrl, requests } = await play(recorded("embeddings-base64"));
    const { embeddings, usage } = await embedMany({
      model: createVllm({ baseURL: baseUrl }).embeddingModel("lab/tiny"),
      values: ["hello", "world"],
      providerOptions: { vllm: { truncate_prompt_tokens: -1 } satisfies VllmEmbeddingModelOptions },
    });
    expect(requests).toMatchObject([
      {
        path: "/v1/embeddings",
        body: { model: "lab/tiny", input: ["hello", "world"], encoding_format: "base64", truncate_prompt_tokens: -1 },
      },
    ]);
    expect(usage.tokens).toBe(
      (recorded("embeddings").body as { usage: { prompt_tokens: number } }).usage.prompt_tokens,
    );
    expect(embeddings).toHaveLength(2);
    for (const [index, { embedding }] of numbers.entries()) {
      expect(embeddings[index]).toEqual(embedding.map(Math.fround));
    }
  });

  test("of a server that knows no base64 are read, too, by their index", async () => {
    const { data, ...rest } = recorded("embeddings").body as { data: { embedding: number[] }[] };
    const { baseUrl } = await play({ body: { ...rest, data: data.toReversed() } });
    const model = createVllm({ baseURL: baseUrl }).embeddingModel();
    const { embeddings } = await embedMany({ model, values: ["hello", "world"] });
    expect(embeddings).toEqual(numbers.map(({ embedding }) => embedding));
  });

  test("of many values are asked for in several requests", async () => {
    const { baseUrl, requests } = await play({ body: { data: [] } });
    const model = createVllm({ baseURL: baseUrl }).embeddingModel("m");
    const values = Array.from({ length: 300 }, (_, index) => String(index));
    await expect(embedMany({ model, values, maxRetries: 0 })).rejects.toThrow("0 vectors");
    await vi.waitFor(() => expect(requests.map(({ body }) => (body["input"] as string[]).length)).toEqual([256, 44]));
  });

  test.each(["%%%", "AAAA", [1, "2"], null])("%j is not a vector", async (embedding) => {
    const { baseUrl } = await play({ body: { data: [{ index: 0, embedding }] } });
    const model = createVllm({ baseURL: baseUrl }).embeddingModel("m");
    await expect(model.doEmbed({ values: ["a"] })).rejects.toThrow("neither a list of numbers nor 32-bit floats");
  });

  test("a refusal says what to do", async () => {
    const { baseUrl } = await play(recorded("embeddings-dimensions"));
    const model = createVllm({ baseURL: baseUrl }).embeddingModel("lab/tiny");
    await expect(model.doEmbed({ values: ["a"], dimensions: 8 })).rejects.toMatchObject({
      name: "AI_APICallError",
      statusCode: 400,
      isRetryable: false,
      message: expect.stringContaining("Matryoshka"),
    });
  });

  test("an aborted one ends as fetch ends", async () => {
    const { baseUrl } = await play({ body: { data: [] } });
    const model = createVllm({ baseURL: baseUrl }).embeddingModel("m");
    await expect(embed({ model, value: "a", abortSignal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("rankings", () => {
  test("are in order, with the original documents", async () => {
    const { baseUrl, requests } = await play(recorded("rerank-top-n"));
    const model = createVllm({ baseURL: baseUrl }).rerankingModel("lab/tiny");
    const { ranking } = await rerank({ model, query: "hello", documents: ["world", "hello", "xyz"], topN: 2 });
    expect(requests).toMatchObject([
      {
        path: "/rerank",
        body: { model: "lab/tiny", query: "hello", documents: ["world", "hello", "xyz"], top_n: 2 },
      },
    ]);
    expect(ranking.map(({ originalIndex, document }) => [originalIndex, document])).toEqual([
      [1, "hello"],
      [0, "world"],
    ]);
  });

  test("objects are ranked by their JSON, and that is said", async () => {
    const { baseUrl, requests } = await play(recorded("rerank"));
    const model = createVllm({ baseURL: baseUrl }).rerankingModel("m");
    const values = [{ a: 1 }, { a: 2 }, { a: 3 }];
    const { warnings } = await model.doRerank({ query: "x", documents: { type: "object", values } });
    expect(requests[0]?.body["documents"]).toEqual(['{"a":1}', '{"a":2}', '{"a":3}']);
    expect(warnings).toMatchObject([{ type: "compatibility" }]);
  });

  test.each([
    { results: [{ index: 7, relevance_score: 1 }] },
    { results: [{ index: -1, relevance_score: 1 }] },
    { results: [null] },
    { results: "none" },
    {},
  ])("%j is not a ranking of one document", async (body) => {
    const { baseUrl } = await play({ body });
    const model = createVllm({ baseURL: baseUrl }).rerankingModel("m");
    await expect(model.doRerank({ query: "x", documents: { type: "text", values: ["a"] } })).rejects.toThrow(
      "not a ranking",
    );
  });
});

describe("the provider", () => {
  test("makes no images, as the specification says it", () => {
    expect(() => vllm.imageModel("any")).toThrow(expect.objectContaining({ name: "AI_NoSuchModelError" }));
  });

  test("gives models of the fourth specification, named or not", () => {
    const provider = createVllm({ baseUrl: "http://127.0.0.1:1" });
    for (const model of [
      provider("a"),
      provider.languageModel("a"),
      provider.embeddingModel("a"),
      provider.rerankingModel("a"),
    ])
      expect(model).toMatchObject({ specificationVersion: "v4", modelId: "a" });
    for (const model of [provider(), provider.languageModel(), provider.embeddingModel(), provider.rerankingModel()])
      expect(model.modelId).toBe("auto");
    expect(provider.specificationVersion).toBe("v4");
  });

  test("the default one reads the environment at its first use, and asks the server's only model", async () => {
    const { baseUrl, requests } = await play(
      { body: { object: "list", data: [{ id: "the/only", root: "the/only" }] } },
      streamed({ text: "Hi" }),
    );
    vi.stubEnv("VLLM_BASE_URL", baseUrl);
    vi.stubEnv("VLLM_API_KEY", "sk-env");
    const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] }];
    const { response } = await vllm().doGenerate({ prompt });
    vi.unstubAllEnvs();
    expect(response?.modelId).toBe("m");
    expect(requests.at(-1)).toMatchObject({
      body: { model: "the/only" },
      headers: { authorization: "Bearer sk-env" },
    });
  });

  test("has its client, for windows and token counts", async () => {
    const models = { object: "list", data: [{ id: "m", max_model_len: 8192 }] };
    const { baseUrl, requests } = await play(
      { body: models },
      { body: { count: 12, max_model_len: 8192, tokens: [] } },
    );
    const { client } = createVllm({ baseURL: baseUrl });
    expect(await client.models()).toMatchObject([{ id: "m", maxModelLen: 8192 }]);
    expect(await client.countTokens({ model: "m", messages: [{ role: "user", content: "Hi" }] })).toBe(12);
    expect(requests.map(({ path }) => path)).toEqual(["/v1/models", "/tokenize"]);
    expect(vllm.client).toBe(vllm.client);
  });

  test("works in a registry, with names that hold a slash", () => {
    const registry = createProviderRegistry({ vllm: createVllm({ baseURL: "http://127.0.0.1:1" }) });
    expect(registry.languageModel("vllm:Qwen/Qwen3-8B")).toMatchObject({ modelId: "Qwen/Qwen3-8B" });
    expect(registry.embeddingModel("vllm:BAAI/bge-m3")).toMatchObject({ modelId: "BAAI/bge-m3" });
    expect(registry.rerankingModel("vllm:BAAI/bge-reranker")).toMatchObject({ modelId: "BAAI/bge-reranker" });
  });

  test("refuses settings that cannot be used at once", () => {
    expect(() => createVllm({ baseURL: "ftp://x" })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(() => createVllm({ timeout: 5 } as object)).toThrow("Did you mean timeouts?");
    for (const own of [{ retry: { maxRetries: 3 } }, { brokenCalls: "report" }, { model: "m" }])
      expect(() => createVllm(own as object)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
