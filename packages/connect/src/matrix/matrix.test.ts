import { readFileSync } from "node:fs";
import type { FakeVllmOptions } from "@vllm-tooling/fake-vllm";
import { describe, expect, test } from "vitest";
import { readAnswer } from "./ask-chat.ts";
import { MATRIX_CASES } from "./matrix-cases.ts";
import type { MatrixRow } from "./run-matrix.ts";
import { runMatrix } from "./run-matrix.ts";
import { toMarkdown } from "./to-markdown.ts";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";

const start = useFakeServers();

async function matrixOf(options: FakeVllmOptions, apiKey?: string): Promise<Map<string, MatrixRow>> {
  const server = await start(options);
  const { signal } = new AbortController();
  const { rows } = await runMatrix({ apiRoot: server.baseUrl, version: "0.32.0", apiKey }, server.model, { signal });
  return new Map(rows.map((row) => [row.name, row]));
}

const judge = (name: string, recording: string) => {
  const body = readFileSync(new URL(`../../../../tooling/fixtures/data/${recording}.body`, import.meta.url), "utf8");
  return MATRIX_CASES.find((row) => row.name === name)?.judge(readAnswer(200, body));
};

describe("readAnswer puts a stream together", () => {
  test("text, thought, calls by index, finish, usage", () => {
    const body = [
      { choices: [{ delta: { reasoning: "a" } }] },
      { choices: [{ delta: { reasoning_content: "b", content: "t" } }] },
      { choices: [{ delta: { tool_calls: [{ index: 1, function: { name: "y", arguments: "{" } }] } }] },
      { choices: [{ delta: { tool_calls: [{ index: 0, function: { name: "x" } }] } }] },
      {
        choices: [{ delta: { tool_calls: [{ index: 1, function: { arguments: "}" } }] }, finish_reason: "tool_calls" }],
      },
      { choices: [], usage: { total_tokens: 9, completion_tokens: 7 } },
    ];
    const raw = `${body.map((chunk) => `data: ${JSON.stringify(chunk)}`).join("\n\n")}\n\ndata: [DONE]\n\n`;
    expect(readAnswer(200, raw)).toMatchObject({
      text: "t",
      reasoning: "ab",
      calls: [{ name: "x" }, { name: "y", argumentsText: "{}" }],
      finishReason: "tool_calls",
      completionTokens: 7,
      error: undefined,
    });
  });

  test.each([
    [400, '{"error":{"message":"no"}}', "no"],
    [400, '{"object":"error","message":"old"}', "old"],
    [502, "<html>", "status 502"],
    [200, 'data: {"error":{"message":"late"}}', "late"],
  ])("an error of any shape: %d %s", (status, raw, error) => {
    expect(readAnswer(status, raw).error).toBe(error);
  });
});

describe("verdicts on recorded answers of real vLLM", () => {
  test.each([
    ["no arguments", "0.32.0/tools-hermes/tool-hello", "not tried"],
    ["one call", "0.32.0/leak-hermes/leak-one", "fails"],
    ["one call", "0.32.0/lab/tool-unclosed", "fails"],
    ["two calls in one turn", "0.32.0/lab/tool-two", "works"],
    ["two calls in one turn", "0.32.0/lab/tool-one", "not tried"],
    ["reasoning and a call", "0.32.0/lab/tool-one", "fails"],
    ["tool_choice required", "0.32.0/tools-hermes/tool-hello", "fails"],
    ["token counts in streams", "0.32.0/lab/tool-one", "works"],
  ])("%s, %s: %s", (name, recording, outcome) => {
    expect(judge(name, recording)?.outcome).toBe(outcome);
  });

  test.each([
    ["length", 5, "works"],
    ["stop", 3, "not tried"],
    ["stop", 5, "fails"],
  ])("a cut answer that ends with %s after %d tokens: %s", (finishReason, completionTokens, outcome) => {
    const answer = { ...readAnswer(200, ""), finishReason, completionTokens };
    expect(MATRIX_CASES.find(({ name }) => name === "cut answer")?.judge(answer).outcome).toBe(outcome);
  });

  test.each([
    ["tool_calls", 1497, "not tried"],
    ["length", 400, "not tried"],
    ["tool_calls", 400, "fails"],
  ])("half a call that ends with %s after %d tokens: %s", (finishReason, completionTokens, outcome) => {
    const calls = [{ name: "add_event", argumentsText: '{"event": {"tit' }];
    const answer = { ...readAnswer(200, ""), calls, finishReason, completionTokens };
    expect(MATRIX_CASES.find(({ name }) => name === "nested arguments")?.judge(answer).outcome).toBe(outcome);
  });

  test("a leaked call names its format and the flag", () => {
    expect(judge("one call", "0.32.0/leak-hermes/leak-one")?.evidence).toMatch(/hermes.*--tool-call-parser/);
  });
});

describe("runMatrix", () => {
  test("asks every question once, and keeps question and answer", async () => {
    const rows = await matrixOf({});
    expect([...rows.keys()]).toEqual(MATRIX_CASES.map(({ name }) => name));
    expect(rows.get("one call")?.request).toMatchObject({ model: expect.any(String), tools: [expect.anything()] });
    expect(rows.get("token counts in streams")).toMatchObject({
      outcome: "works",
      response: expect.stringContaining("usage"),
    });
  });

  test("a server without tool parser refuses, in its own words", async () => {
    const rows = await matrixOf({ config: "0.32.0/no-tool-parser" });
    expect(rows.get("one call")).toMatchObject({
      outcome: "refused",
      evidence: expect.stringContaining("--enable-auto-tool-choice"),
    });
  });

  test("a text model refuses the picture", async () => {
    expect((await matrixOf({})).get("picture")).toMatchObject({
      outcome: "refused",
      evidence: expect.stringContaining("multimodal"),
    });
  });

  test("a server that dies in between is a row, not a crash", async () => {
    const rows = await matrixOf({ fail: "reset-before-headers" });
    expect([...rows.values()].every((row) => row.outcome === "refused")).toBe(true);
  });

  test("the key is in neither table nor file", async () => {
    const rows = await matrixOf({ apiKey: "sk-secret" }, "sk-secret");
    const text = toMarkdown([{ model: "m", server: "s", version: "1", rows: [...rows.values()] }]);
    expect(text).not.toContain("sk-secret");
    expect(text).toContain("| one call |");
  });
});

test("a fence is longer than any in the text", () => {
  const row = { name: "x", outcome: "works", evidence: "a|b", ms: 1, request: {}, response: "````" } as const;
  const text = toMarkdown([{ model: "m", server: "s", version: undefined, rows: [row] }]);
  expect(text).toContain("`````text\n````\n`````");
  expect(text).toContain("| x | works | a\\|b |");
});
