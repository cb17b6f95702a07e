import type { ModelProfile } from "@vllm/schema";
import { describe, expect, test } from "vitest";
import { playFetch } from "../../test/play.ts";
import { discoverServer, pickDefaultModel } from "../index.ts";
import type { DiscoveredModel } from "../index.ts";

const list = (...ids: string[]) =>
  discoverServer({
    baseUrl: "http://gpu:8000",
    probe: "list",
    fetch: playFetch({
      "GET /v1/models": Response.json({ data: ids.map((id) => ({ id, owned_by: "vllm", max_model_len: 32768 })) }),
      "GET /version": Response.json({ version: "0.32.0" }),
    }),
  });

async function models(...given: [id: string, status: "yes" | "no" | "unknown", task?: DiscoveredModel["task"]][]) {
  const report = await list(...given.map(([id]) => id));
  return report.models.map((model, index): DiscoveredModel => {
    const [, status, task = "chat"] = given[index]!;
    return { ...model, task, toolCalling: { status, source: "probed", evidence: "test" } };
  });
}

describe("pickDefaultModel", () => {
  test.each([
    [
      "calls tools before unknown",
      [
        ["a", "unknown"],
        ["b", "yes"],
      ],
      "b",
    ],
    [
      "unknown before does not",
      [
        ["a", "no"],
        ["b", "unknown"],
      ],
      "b",
    ],
    [
      "calls tools before does not",
      [
        ["a", "no"],
        ["b", "yes"],
      ],
      "b",
    ],
    ["one that does not, where there is no other", [["a", "no"]], "a"],
    [
      "the first among equals",
      [
        ["a", "yes"],
        ["b", "yes"],
      ],
      "a",
    ],
    [
      "no model that does not chat",
      [
        ["a", "yes", "embedding"],
        ["b", "no"],
      ],
      "b",
    ],
  ] as const)("%s", async (_name, given, wanted) => {
    const found = pickDefaultModel(await models(...(given as unknown as Parameters<typeof models>)));
    expect(found?.id).toBe(wanted);
  });

  test("none where none chats", async () => {
    expect(pickDefaultModel(await models(["a", "yes", "embedding"]))).toBeUndefined();
    expect(pickDefaultModel([])).toBeUndefined();
  });

  test("of profiles", () => {
    const fact = <Value>(value: Value) => ({ value, source: "probed", evidence: "test" }) as const;
    const profile = (id: string, toolCalling: "yes" | "no"): ModelProfile => ({
      id,
      contextWindow: fact(32_768),
      input: fact(["text"]),
      toolCalling: fact(toolCalling),
      reasoning: fact("no"),
    });
    expect(pickDefaultModel([profile("a", "no"), profile("b", "yes")])?.id).toBe("b");
  });
});
