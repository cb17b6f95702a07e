import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { outcomeOf } from "../../test/outcomes.ts";
import { jsonOf } from "../http/probe-outcome.ts";
import { escapeUnsafe } from "../text/safe-text.ts";
import { cleanModelId } from "./clean-model-id.ts";
import { readModelList } from "./read-model-list.ts";
import { toDiscoveredModels } from "./to-discovered-models.ts";

const read = (...data: readonly unknown[]) => readModelList({ object: "list", data });

describe("readModelList", () => {
  test("a recorded list of two names of one model", () => {
    expect(readModelList(jsonOf(outcomeOf("0.32.0/multi-name/models")))).toEqual({
      models: ["tiny", "tiny-alias"].map((id) => ({
        id,
        root: "lab/tiny",
        parent: undefined,
        ownedBy: "vllm",
        window: { value: 4096, source: "server", field: "max_model_len" },
      })),
      refused: [],
      isLonger: false,
    });
  });

  // As vLLM 0.32.0 lists an adapter: max_model_len is null, parent is the served base name.
  test("an adapter takes its parent's window", () => {
    const list = read(
      { id: "tiny", root: "lab/tiny-r", parent: null, max_model_len: 4096, owned_by: "vllm" },
      { id: "my-lora", root: "./lab/my-lora", parent: "tiny", max_model_len: null, owned_by: "vllm" },
    );
    expect(list?.models[1]).toMatchObject({
      id: "my-lora",
      parent: "tiny",
      window: { value: 4096, source: "server", field: "max_model_len of its parent tiny" },
    });
  });

  test("an adapter of a model that is not listed, or of itself, has no window", () => {
    const list = read({ id: "a", parent: "gone", max_model_len: null }, { id: "b", parent: "b" });
    expect(list?.models.map((model) => model.window)).toEqual([undefined, undefined]);
  });

  test.each([
    [
      { max_model_len: 4096, max_input_tokens: 1000 },
      { value: 4096, source: "server", field: "max_model_len" },
    ],
    [
      { max_input_tokens: 32768, max_output_tokens: 32768 },
      { value: 32768, source: "gateway", field: "max_input_tokens" },
    ],
    [
      { metadata: { max_request_context_length: 8192 } },
      { value: 8192, source: "gateway", field: "metadata.max_request_context_length" },
    ],
    [{ max_model_len: "4096" }, undefined],
    [{ max_model_len: 0 }, undefined],
    [{ max_model_len: -1, max_input_tokens: 1.5 }, undefined],
    [{ max_model_len: 1e300 }, undefined],
    [{ metadata: "text" }, undefined],
    [{ metadata: null }, undefined],
    [{}, undefined],
  ])("window of %j", (card, window) => {
    expect(read({ id: "m", ...card })?.models[0]?.window).toEqual(window);
  });

  test("ids are trimmed, come once, in the server's order", () => {
    const list = read({ id: " b " }, { id: "a" }, { id: "b" }, { id: "" }, { id: 7 }, {}, null, "text", {
      id: "org/模型-é",
    });
    expect(list?.models.map((model) => model.id)).toEqual(["b", "a", "org/模型-é"]);
    expect(list?.refused).toEqual([
      { id: "b", why: "is listed twice" },
      { id: '""', why: "is blank" },
      { id: "a number", why: "is not a text" },
      { id: "a undefined", why: "is not a text" },
      { id: "a undefined", why: "is not a text" },
      { id: "a undefined", why: "is not a text" },
    ]);
  });

  test.each([
    ["\u001b[2J\u001b[31mevil", "\\u001b[2J\\u001b[31mevil"],
    ["two\nlines", "two\\u000alines"],
    ["right\u202eleft", "right\\u202eleft"],
    ["zero\u200bwidth", "zero\\u200bwidth"],
    ["nul\u0000", "nul\\u0000"],
    ["half\ud800", "half\\ud800"],
  ])("the id %j is left out, and shown as %s", (id, shown) => {
    expect(read({ id })).toEqual({
      isLonger: false,
      models: [],
      refused: [{ id: shown, why: "holds control characters" }],
    });
  });

  test("an endless id is left out", () => {
    expect(read({ id: "x".repeat(10_000) })?.refused[0]).toMatchObject({ why: "is longer than 512 characters" });
  });

  test("keys of Object's prototype are ids as any other", () => {
    const list = read(
      { id: "__proto__", max_model_len: 1 },
      { id: "constructor" },
      JSON.parse('{"id":"toString","__proto__":{"id":"evil"}}'),
    );
    expect(list?.models.map((model) => model.id)).toEqual(["__proto__", "constructor", "toString"]);
    expect(({} as { id?: string }).id).toBeUndefined();
  });

  test("a root or parent with control characters is not taken over", () => {
    expect(read({ id: "m", root: "a\u001bb", parent: "c\nd" })?.models[0]).toMatchObject({
      root: undefined,
      parent: undefined,
    });
  });

  test.each([null, undefined, 7, "text", [], {}, { data: null }, { data: {} }, { data: "x" }])(
    "%j is no list",
    (body) => {
      expect(readModelList(body)).toBeUndefined();
    },
  );

  test("any JSON gives safe ids or no list, and never throws", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.jsonValue(),
            fc.record({ id: fc.string({ unit: "binary" }), root: fc.jsonValue(), max_model_len: fc.jsonValue() }),
          ),
        ),
        (data) => {
          const list = readModelList({ data });
          const ids = list?.models.map((model) => model.id) ?? [];
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of ids) {
            expect(id).toBe(id.trim());
            expect(id).not.toMatch(/[\p{Cc}\p{Cs}]/u);
            expect(JSON.parse(JSON.stringify(id))).toBe(id);
          }
          for (const { id } of list?.refused ?? []) expect(id).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          expect(() => toDiscoveredModels(list?.models ?? [], { version: undefined })).not.toThrow();
        },
      ),
    );
  });
});

describe("cleanModelId and escapeUnsafe", () => {
  test.each(["Qwen/Qwen3-8B", "a b", "模型", "m:tag@1", "../x", "🦙", "x".repeat(512)])("%j stays", (id) => {
    expect(cleanModelId(id)).toEqual({ id });
  });

  test("a long text is cut", () => {
    expect(escapeUnsafe("a".repeat(300), 10)).toBe(`${"a".repeat(10)}…`);
  });
});
