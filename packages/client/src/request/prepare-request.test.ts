import { loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { profileWith } from "../../test/families/profile.ts";
import { defineTool } from "../schemas/index.ts";
import { prepareRequest } from "./index.ts";
import { toTextToolRequest } from "./to-text-tool-request.ts";
import type { ChatParams, PrepareContext } from "./index.ts";

const HELLO: ChatParams["messages"] = [{ role: "user", content: "Hello" }];
const WEATHER = {
  type: "function" as const,
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const prepare = (params: Partial<ChatParams>, context?: PrepareContext) =>
  prepareRequest({ messages: HELLO, ...params }, context);

describe("the body", () => {
  test("of a plain request is messages and a stream with usage: no sampling parameter is added", () => {
    expect(prepare({}).body).toEqual({ messages: HELLO, stream: true, stream_options: { include_usage: true } });
  });

  test("has what was given, known or not, and nothing of ours", () => {
    const fromJavaScript: Record<string, unknown> = { from_javascript: 1 };
    const { body } = prepare({
      ...fromJavaScript,
      model: "m",
      temperature: 0,
      top_k: 20,
      max_tokens: null,
      stop: ["x"],
      chat_template_kwargs: { a: 1 },
      vllm_xargs: { b: "c" },
      extra_body: { brand_new: { deep: true } },
      thinking: undefined,
      strictTools: false,
      history: {},
      affinity: "conversation-1",
    });
    expect(body).toEqual({
      messages: HELLO,
      model: "m",
      temperature: 0,
      top_k: 20,
      max_tokens: null,
      stop: ["x"],
      chat_template_kwargs: { a: 1 },
      vllm_xargs: { b: "c" },
      brand_new: { deep: true },
      from_javascript: 1,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test("is the same every time, and what was given is not changed", () => {
    const params: ChatParams = {
      messages: HELLO,
      tools: [WEATHER],
      chat_template_kwargs: { a: 1 },
      strictTools: true,
      thinking: "off",
    };
    const before = structuredClone(params);
    expect(prepareRequest(params)).toEqual(prepareRequest(params));
    expect(params).toEqual(before);
  });

  test("stream_options only in a stream", () => {
    expect(prepare({ stream: false, stream_options: { include_usage: true } }).body).not.toHaveProperty(
      "stream_options",
    );
    expect(prepare({ stream_options: { continuous_usage_stats: true } }).body["stream_options"]).toEqual({
      include_usage: true,
      continuous_usage_stats: true,
    });
    expect(prepare({ stream_options: { include_usage: false } }).body["stream_options"]).toEqual({
      include_usage: false,
    });
    expect(prepare({ stream_options: null }).body["stream_options"]).toEqual({ include_usage: true });
  });

  test("parameters that are there and undefined were not given", () => {
    expect(
      prepare({ temperature: undefined, tools: undefined, stream: undefined, reasoning_effort: undefined }).body,
    ).toEqual({
      messages: HELLO,
      stream: true,
      stream_options: { include_usage: true },
    });
  });
});

describe("tools", () => {
  test("an empty list is not sent, nor what belongs to it", () => {
    expect(loadFixture("0.32.0/hermes-qwen3/tools-empty").response.status).toBe(400);
    for (const tools of [[], null, undefined]) {
      const prepared = prepare({ tools, tool_choice: "auto" });
      expect(prepared.body).not.toHaveProperty("tools");
      expect(prepared.body).not.toHaveProperty("tool_choice");
      expect(prepared.toolNames).toEqual([]);
    }
  });

  test("may be called unless the caller says no", () => {
    expect(prepare({ tools: [WEATHER] }).mayCall).toBe(true);
    expect(prepare({ tools: [WEATHER], tool_choice: "required" }).mayCall).toBe(true);
    expect(prepare({ tools: [WEATHER], tool_choice: "none" }).mayCall).toBe(false);
    expect(prepare({}).mayCall).toBe(false);
  });

  test("always have parameters", () => {
    const { body } = prepare({ tools: [{ type: "function", function: { name: "now" } }] });
    expect(body["tools"]).toEqual([
      { type: "function", function: { name: "now", parameters: { type: "object", properties: {} } } },
    ]);
  });

  test("of zod are plain tools on the wire", () => {
    const tool = defineTool({
      name: "get_weather",
      description: "Weather",
      parameters: z.object({ city: z.string() }),
    });
    const prepared = prepare({ tools: [tool], strictTools: true });
    expect(JSON.parse(JSON.stringify(prepared.body["tools"]))).toEqual([
      {
        type: "function",
        function: {
          name: "get_weather",
          description: "Weather",
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
          strict: true,
        },
      },
    ]);
    expect(prepared.toolNames).toEqual(["get_weather"]);
  });

  test("with a response_format warn, unless they may not be called", () => {
    const codes = (params: Partial<ChatParams>) =>
      prepare({ tools: [WEATHER], ...params }).warnings.map((warning) => warning.code);
    const outputSchema = z.object({ city: z.string() });
    expect(codes({ outputSchema })).toEqual(["response-format-with-tools"]);
    expect(codes({ response_format: { type: "json_object" } })).toEqual(["response-format-with-tools"]);
    expect(codes({ structured_outputs: { choice: ["a", "b"] } })).toEqual(["response-format-with-tools"]);
    expect(codes({ response_format: { type: "text" } })).toEqual([]);
    expect(codes({ outputSchema, tool_choice: "none" })).toEqual([]);
    // vLLM drops the form where a call is forced, and with a strict tool allows either.
    expect(codes({ outputSchema, tool_choice: "required" })).toEqual([]);
    expect(codes({ outputSchema, tool_choice: { type: "function", function: { name: "get_weather" } } })).toEqual([]);
    expect(codes({ outputSchema, strictTools: true })).toEqual([]);
    expect(codes({ outputSchema, tools: [] })).toEqual([]);
    expect(codes({})).toEqual([]);
  });
});

describe("structured output", () => {
  test("comes from the schema, which is given back", () => {
    const outputSchema = z.object({ city: z.string() });
    const prepared = prepareRequest({ messages: HELLO, outputSchema });
    expect(prepared.output).toBe(outputSchema);
    expect(prepared.body).not.toHaveProperty("outputSchema");
    expect(prepared.body["response_format"]).toMatchObject({ type: "json_schema", json_schema: { strict: true } });
    expect(prepare({ response_format: { type: "json_object" } }).output).toBeUndefined();
  });
});

describe("affinity", () => {
  test.each([
    ["conversation-1", "conversation-1"],
    ["12345678", "12345678"],
    ["short", "session-73686f7274"],
    ["with blank", "session-7769746820626c616e6b"],
    ["ümläut", "session-c3bc6d6cc3a47574"],
    ["line\r\nbreak", "session-6c696e650d0a627265616b"],
  ])("%j is sent as %s", (affinity, expected) => {
    const { headers } = prepare({ affinity });
    expect(headers).toEqual({ "x-session-id": expected });
    expect(expected).toMatch(/^[A-Za-z0-9_-]{8,}$/);
  });

  test("two names are never one", () => {
    const header = (affinity: string) => prepare({ affinity }).headers["x-session-id"];
    expect(header("session-73686f7274")).not.toBe(header("short"));
  });

  test("none, no header", () => {
    expect(prepare({}).headers).toEqual({});
    expect(prepare({ affinity: "" }).headers).toEqual({});
  });
});

describe("fields that vLLM ignores", () => {
  const find = (fields: Record<string, unknown>, serverVersion?: string) =>
    prepare({ extra_body: fields }, serverVersion === undefined ? {} : { profile: profileWith({ serverVersion }) })
      .warnings;

  test.each([
    ["enable_thinking", "chat_template_kwargs"],
    ["guided_json", "response_format"],
    ["guided_choice", "structured_outputs"],
    ["functions", "tools"],
  ])("%s is said", (field, hint) => {
    const warnings = find({ [field]: {} });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code: "parameter-has-no-effect" });
    expect(warnings[0]?.message).toContain(field);
    expect(warnings[0]?.hint).toContain(hint);
  });

  test("guided fields work on old servers", () => {
    expect(find({ guided_json: {} }, "0.9.2")).toEqual([]);
    expect(find({ guided_json: {} }, "0.11.0")).toEqual([]);
    expect(find({ guided_json: {} }, "0.12.0")).toHaveLength(1);
    expect(find({ guided_json: {} }, "0.32.0")).toHaveLength(1);
    expect(find({ enable_thinking: false }, "0.9.2")).toHaveLength(1);
  });

  test("names in camelCase are said, but not what is meant for a gateway", () => {
    const params = { maxTokens: 5, topK: undefined } as Partial<ChatParams>;
    const { warnings } = prepare({ ...params, extra_body: { routeTo: "a" } });
    expect(warnings).toMatchObject([
      {
        code: "parameter-has-no-effect",
        message: expect.stringContaining("maxTokens"),
        hint: expect.stringContaining("max_tokens"),
      },
    ]);
  });

  test("a budget in the wrong place is said", () => {
    expect(prepare({ chat_template_kwargs: { thinking_token_budget: 5 } }).warnings[0]?.message).toContain(
      "thinking_token_budget",
    );
    expect(find({ unknown: 1, enable_thinking: null })).toEqual([]);
  });
});

describe("recovery", () => {
  const both = { thinkTags: true, toolCallText: true };

  test("is off unless asked for", () => {
    expect(prepare({ tools: [WEATHER] }).markup).toBeUndefined();
    expect(prepare({ tools: [WEATHER] }, { recover: {} }).markup).toBeUndefined();
    expect(prepare({}, { recover: { toolCallText: true } }).markup).toBeUndefined();
  });

  test("knows the tools of the request", () => {
    expect(prepare({ tools: [WEATHER] }, { recover: both }).markup).toEqual({
      thinkTags: true,
      toolCallText: true,
      tools: [{ name: "get_weather", parameters: WEATHER.function.parameters }],
      startsInReasoning: false,
    });
  });

  test.each<[string, Partial<ChatParams>]>([
    ["without tools", { tools: [] }],
    ["when they may not be called", { tools: [WEATHER], tool_choice: "none" }],
    ["when the answer is held to another form", { tools: [WEATHER], outputSchema: z.object({}) }],
  ])("finds no calls %s", (_, params) => {
    expect(prepare(params, { recover: both }).markup?.tools).toEqual([]);
  });

  test("on a server without a tool parser the tools are sent so that it takes them", () => {
    const context = { recover: both, profile: profileWith({ toolCalling: "no" }) };
    const prepared = prepare({ tools: [WEATHER], tool_choice: "auto" }, context);
    expect(prepared.body).toMatchObject({ tools: [WEATHER], tool_choice: "none", skip_special_tokens: false });
    expect(prepared.markup?.tools.map((tool) => tool.name)).toEqual(["get_weather"]);
    expect(prepared.mayCall).toBe(true);
    expect(prepared.warnings).toEqual([]);
    expect(prepare({ tools: [WEATHER], skip_special_tokens: true }, context).body["skip_special_tokens"]).toBe(true);
  });

  test("where a call cannot be forced, it says so", () => {
    const context = { recover: both, profile: profileWith({ toolCalling: "no" }) };
    const forced: ChatParams["tool_choice"][] = ["required", { type: "function", function: { name: "get_weather" } }];
    for (const tool_choice of forced) {
      const { warnings, body } = prepare({ tools: [WEATHER], tool_choice }, context);
      expect(warnings[0]?.hint).toContain("--tool-call-parser");
      expect(body["tool_choice"]).toBe("none");
    }
  });

  test("nothing of that unless the profile says so and recovery is asked for", () => {
    for (const context of [
      { recover: both },
      { recover: both, profile: profileWith({ toolCalling: "yes" }) },
      { recover: both, profile: profileWith({ toolCalling: "unknown" }) },
      { profile: profileWith({ toolCalling: "no" }) },
    ]) {
      const { body } = prepare({ tools: [WEATHER] }, context);
      expect(body).not.toHaveProperty("tool_choice");
      expect(body).not.toHaveProperty("skip_special_tokens");
    }
  });

  test("tags that are special tokens are asked for where no parser reads them", () => {
    const profile = profileWith({ reasoning: "no" });
    expect(prepare({}, { profile, recover: { thinkTags: true } }).body["skip_special_tokens"]).toBe(false);
    expect(prepare({}, { profile }).body).not.toHaveProperty("skip_special_tokens");
  });

  test.each<[string, Partial<ChatParams>, boolean]>([
    ["as the template does", {}, true],
    ["not with enable_thinking false", { chat_template_kwargs: { enable_thinking: false } }, false],
    ["not with thinking false", { chat_template_kwargs: { thinking: false } }, false],
    ["not with thinking_mode disabled", { chat_template_kwargs: { thinking_mode: "disabled" } }, false],
    ["not with effort none", { reasoning_effort: "none" }, false],
    ["not with thinking off", { thinking: "off" }, false],
    ["not when it continues a message", { continue_final_message: true, add_generation_prompt: false }, false],
    ["with another effort", { reasoning_effort: "low" }, true],
  ])("starts in the thought %s", (_, params, expected) => {
    const profile = profileWith({
      thoughtOpenedByTemplate: true,
      thinking: { default: "on", off: { chat_template_kwargs: { enable_thinking: false } } },
    });
    expect(prepare(params, { recover: both, profile }).markup?.startsInReasoning).toBe(expected);
    expect(prepare(params, { recover: both }).markup?.startsInReasoning).toBe(false);
  });
});

describe("toTextToolRequest", () => {
  test("keeps the tools in the prompt and the markers in the text", () => {
    expect(toTextToolRequest({ tools: [WEATHER], tool_choice: "auto", model: "m" })).toEqual({
      body: { tools: [WEATHER], tool_choice: "none", model: "m", skip_special_tokens: false },
      warnings: [],
    });
    expect(toTextToolRequest({ skip_special_tokens: true }).body).toMatchObject({ skip_special_tokens: true });
  });

  test("says that it cannot force a call", () => {
    const { warnings } = toTextToolRequest({ tools: [WEATHER], tool_choice: "required" });
    expect(warnings).toMatchObject([{ code: "parameter-has-no-effect" }]);
  });
});
