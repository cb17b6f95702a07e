import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import {
  chatCompletionChunkSchema,
  chatCompletionSchema,
  detokenizeResponseSchema,
  modelListSchema,
  tokenizeResponseSchema,
  versionSchema,
} from "../src/index.ts";

/** Answers with status 200 of a path, parsed. */
function answersOf(path: RegExp): [id: string, answer: unknown][] {
  return listFixtures({ streamed: false })
    .filter(
      (entry) =>
        entry.status === 200 && entry.method !== "OPTIONS" && entry.end === "complete" && path.test(entry.path),
    )
    .map(({ id }): [string, unknown] => [id, JSON.parse(textOf(id))])
    .filter(([, answer]) => !isError(answer));
}

function textOf(id: string): string {
  return new TextDecoder().decode(loadFixture(id).response.body);
}

function isError(answer: unknown): boolean {
  return (
    typeof answer === "object" &&
    answer !== null &&
    ("error" in answer || (answer as { object?: unknown }).object === "error")
  );
}

describe.each<[string, RegExp, z.ZodType, number]>([
  ["GET /v1/models", /\/v1\/models$/, modelListSchema, 20],
  ["POST /v1/chat/completions", /\/v1\/chat\/completions$/, chatCompletionSchema, 100],
  ["GET /version", /\/version$/, versionSchema, 8],
  ["POST /tokenize", /\/tokenize$/, tokenizeResponseSchema, 30],
  ["POST /detokenize", /\/detokenize$/, detokenizeResponseSchema, 4],
])("%s", (_, path, schema, atLeast) => {
  const answers = answersOf(path);

  test("there are recordings", () => {
    expect(answers.length).toBeGreaterThanOrEqual(atLeast);
  });

  test.each(answers)("%s parses, and nothing of it is lost or changed", (_id, answer) => {
    expect(schema.parse(answer)).toEqual(answer);
  });

  test("unknown fields survive, at the top and below", () => {
    const [, answer] = answers[0] ?? [];
    const later = { ...(answer as object), a_field_of_tomorrow: { x: [1] } };
    expect(schema.parse(later)).toEqual(later);
  });
});

describe("streamed POST /v1/chat/completions", () => {
  const streams = listFixtures({ streamed: true, path: "/v1/chat/completions" });

  test("there are recordings", () => {
    expect(streams.length).toBeGreaterThan(150);
  });

  test.each(streams.map(({ id }) => [id]))("%s: every event parses, and nothing of it is lost or changed", (id) => {
    const events = [...textOf(id).matchAll(/^data: (\{.*\})$/gm)].map(([, json = ""]) => JSON.parse(json) as unknown);
    for (const event of events.filter((each) => !isError(each)))
      expect(chatCompletionChunkSchema.parse(event)).toEqual(event);
  });
});

describe("what routers make of it", () => {
  test("LiteLLM: the last chunk has a choice with nothing in it, reasoning_content, types in every piece of a call", () => {
    const chunks = [
      {
        id: "chatcmpl-1",
        created: 1,
        model: "tiny",
        object: "chat.completion.chunk",
        choices: [{ index: 0, delta: { reasoning_content: "Hm", role: "assistant" } }],
      },
      {
        id: "chatcmpl-1",
        created: 1,
        model: "tiny",
        choices: [
          {
            index: 0,
            delta: { tool_calls: [{ id: null, function: { arguments: "", name: null }, type: "function", index: 0 }] },
          },
        ],
      },
      {
        id: "chatcmpl-1",
        created: 1,
        model: "tiny",
        choices: [{ index: 0, delta: {} }],
        usage: { completion_tokens: 3, prompt_tokens: 4, total_tokens: 7 },
      },
    ];
    for (const chunk of chunks) expect(chatCompletionChunkSchema.parse(chunk)).toEqual(chunk);
  });

  test("model lists without a window, or with it in another place", () => {
    const lists = [
      { object: "list", data: [] },
      {
        object: "list",
        data: [{ id: "tiny", object: "model", created: 1, owned_by: "vllm", root: null, parent: null }],
      },
      { data: [{ id: "tiny", max_input_tokens: 4096, max_output_tokens: 4096 }], object: "list" },
      { data: [{ id: "tiny", metadata: { max_request_context_length: 4096, model_id: "tiny" } }] },
    ];
    for (const list of lists) expect(modelListSchema.parse(list)).toEqual(list);
  });

  test("metadata of another kind does not lose the model", () => {
    expect(modelListSchema.parse({ data: [{ id: "a", metadata: "x" }] }).data[0]?.id).toBe("a");
  });

  test.each([[{ data: null }], [{ data: "x" }], [null], [[]], ["x"], [{ data: [{}] }], [{ data: [{ id: 1 }] }]])(
    "%j is no model list",
    (answer) => {
      expect(modelListSchema.safeParse(answer).success).toBe(false);
    },
  );
});
