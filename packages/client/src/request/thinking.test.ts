import type { ThinkingControl } from "@vllm/schema/core";
import { describe, expect, test } from "vitest";
import { profileWith } from "../../test/families/profile.ts";
import { prepareRequest } from "./index.ts";
import type { ChatParams, Thinking } from "./index.ts";

const kwargs = (values: Record<string, unknown>) => ({ chat_template_kwargs: values });

/** The switches of families, as section 2 of vLLM's recipes and sources has them. */
const FAMILIES = {
  qwen3: {
    default: "on",
    on: kwargs({ enable_thinking: true }),
    off: kwargs({ enable_thinking: false }),
    tokenBudget: true,
  },
  "qwen3.8": {
    default: "on",
    off: kwargs({ enable_thinking: false }),
    efforts: {
      low: { reasoning_effort: "low" },
      medium: { reasoning_effort: "medium" },
      xhigh: { reasoning_effort: "xhigh" },
    },
    tokenBudget: true,
  },
  "deepseek v3.1": {
    default: "off",
    on: kwargs({ thinking: true }),
    off: kwargs({ thinking: false }),
    tokenBudget: true,
  },
  "deepseek v4": {
    default: "on",
    on: kwargs({ thinking: true }),
    off: kwargs({ thinking: false }),
    efforts: { high: { reasoning_effort: "high" }, max: { reasoning_effort: "max" } },
  },
  "minimax m3": {
    default: "unknown",
    on: kwargs({ thinking_mode: "enabled" }),
    off: kwargs({ thinking_mode: "disabled" }),
  },
  "kimi k2.7": { default: "on", tokenBudget: true },
  "gpt-oss": {
    default: "on",
    efforts: {
      low: { reasoning_effort: "low" },
      medium: { reasoning_effort: "medium" },
      high: { reasoning_effort: "high" },
    },
  },
  "mistral medium 3.5": {
    default: "off",
    on: { reasoning_effort: "high" },
    off: { reasoning_effort: "none" },
    efforts: { high: { reasoning_effort: "high" } },
  },
  "seed-oss": { default: "on", off: kwargs({ thinking_budget: 0 }), budgetKwarg: "thinking_budget" },
  gemma4: { default: "off", on: kwargs({ enable_thinking: true }) },
} satisfies Record<string, ThinkingControl>;

type Family = keyof typeof FAMILIES;

function send(thinking: Thinking, control: ThinkingControl | undefined, more: Partial<ChatParams> = {}) {
  const profile = control === undefined ? undefined : profileWith({ thinking: control });
  const { body, warnings } = prepareRequest({ messages: [], thinking, ...more }, { profile });
  const { messages: _, stream: __, stream_options: ___, max_tokens: ____, ...fields } = body;
  return { fields, warnings };
}

describe("with a profile", () => {
  test.each<[Family, Thinking, Record<string, unknown>]>([
    ["qwen3", "off", kwargs({ enable_thinking: false })],
    ["qwen3", "on", kwargs({ enable_thinking: true })],
    ["qwen3", { budgetTokens: 500 }, { ...kwargs({ enable_thinking: true }), thinking_token_budget: 500 }],
    ["qwen3.8", "on", {}],
    ["qwen3.8", { effort: "low" }, { reasoning_effort: "low" }],
    ["qwen3.8", { effort: "none" }, kwargs({ enable_thinking: false })],
    ["deepseek v3.1", "off", kwargs({ thinking: false })],
    ["deepseek v3.1", "on", kwargs({ thinking: true })],
    ["deepseek v4", { effort: "max" }, { reasoning_effort: "max" }],
    ["minimax m3", "off", kwargs({ thinking_mode: "disabled" })],
    ["kimi k2.7", "on", {}],
    ["kimi k2.7", { budgetTokens: 2000 }, { thinking_token_budget: 2000 }],
    ["gpt-oss", { effort: "high" }, { reasoning_effort: "high" }],
    ["mistral medium 3.5", "off", { reasoning_effort: "none" }],
    ["mistral medium 3.5", "on", { reasoning_effort: "high" }],
    ["seed-oss", "off", kwargs({ thinking_budget: 0 })],
    ["seed-oss", { budgetTokens: 512 }, kwargs({ thinking_budget: 512 })],
    ["gemma4", "off", {}],
    ["gemma4", "on", kwargs({ enable_thinking: true })],
    ["gemma4", { budgetTokens: 100 }, { ...kwargs({ enable_thinking: true }), thinking_token_budget: 100 }],
  ])("%s, %j", (family, thinking, fields) => {
    expect(send(thinking, FAMILIES[family])).toEqual({ fields, warnings: [] });
  });

  test.each<[Family, Thinking, Record<string, unknown>, string, string]>([
    ["kimi k2.7", "off", {}, "no switch that turns its thinking off", "budgetTokens"],
    ["gpt-oss", "off", {}, "no switch that turns its thinking off", '"low" | "medium" | "high"'],
    ["gpt-oss", { effort: "xhigh" }, { reasoning_effort: "high" }, '"high" is sent instead', '"low", "medium", "high"'],
    ["gpt-oss", { effort: "minimal" }, { reasoning_effort: "low" }, '"low" is sent instead', '"low", "medium", "high"'],
    ["qwen3.8", { effort: "high" }, { reasoning_effort: "medium" }, '"medium" is sent instead', '"xhigh"'],
    ["deepseek v4", { effort: "low" }, { reasoning_effort: "high" }, '"high" is sent instead', '"max"'],
    ["qwen3", { effort: "high" }, kwargs({ enable_thinking: true }), "the template's own depth", 'thinking: "on"'],
    ["gpt-oss", { effort: "enormous" }, {}, 'no effort "enormous"', '"high"'],
  ])("%s, %j: says what it cannot do", (family, thinking, fields, message, hint) => {
    const sent = send(thinking, FAMILIES[family]);
    expect(sent.fields).toEqual(fields);
    expect(sent.warnings).toHaveLength(1);
    expect(sent.warnings[0]).toMatchObject({ code: "parameter-has-no-effect" });
    expect(sent.warnings[0]?.message).toContain(message);
    expect(sent.warnings[0]?.hint).toContain(hint);
  });

  test("a budget that the server would refuse is not sent", () => {
    for (const profile of [
      profileWith({ thinking: { default: "on", tokenBudget: false } }),
      profileWith({ thinking: { default: "on" }, reasoning: "no" }),
    ]) {
      const { body, warnings } = prepareRequest({ messages: [], thinking: { budgetTokens: 100 } }, { profile });
      expect(body).not.toHaveProperty("thinking_token_budget");
      expect(warnings[0]?.hint).toContain("--reasoning-parser");
    }
  });

  test("what the caller wrote wins", () => {
    const control = FAMILIES["qwen3"];
    const written = { enable_thinking: true, other: 1 };
    expect(send("off", control, { chat_template_kwargs: written }).fields).toEqual(kwargs(written));
    expect(send({ effort: "low" }, FAMILIES["gpt-oss"], { reasoning_effort: "high" }).fields).toEqual({
      reasoning_effort: "high",
    });
    expect(send({ effort: "low" }, FAMILIES["gpt-oss"], { reasoning_effort: undefined }).fields).toEqual({
      reasoning_effort: "low",
    });
    expect(send("off", control, { extra_body: { chat_template_kwargs: { other: 1 } } }).fields).toEqual(
      kwargs({ enable_thinking: false, other: 1 }),
    );
  });
});

describe("without a profile", () => {
  test('"off" is what vLLM itself turns into enable_thinking, and says so', () => {
    const { fields, warnings } = send("off", undefined);
    expect(fields).toEqual({ reasoning_effort: "none" });
    expect(warnings).toEqual([
      {
        code: "parameter-has-no-effect",
        message:
          'Nothing is known about this model\'s thinking switch, so thinking: "off" is sent as reasoning_effort: "none". It turns off models whose template has enable_thinking, and no others.',
        hint: "Set the template's own switch (chat_template_kwargs), or tell the client which it is (profile, from @vllm/discovery).",
      },
    ]);
  });

  test('"on" sends nothing, and says so', () => {
    const { fields, warnings } = send("on", undefined);
    expect(fields).toEqual({});
    expect(warnings[0]?.message).toContain("nothing is sent");
  });

  test("an effort and a budget are vLLM's own fields", () => {
    expect(send({ effort: "high" }, undefined)).toEqual({ fields: { reasoning_effort: "high" }, warnings: [] });
    expect(send({ budgetTokens: 300 }, undefined)).toEqual({ fields: { thinking_token_budget: 300 }, warnings: [] });
  });

  test("nothing asked, nothing sent", () => {
    expect(Object.keys(prepareRequest({ messages: [] }).body).toSorted()).toEqual([
      "messages",
      "stream",
      "stream_options",
    ]);
  });
});

describe("room for the answer", () => {
  test.each([
    [4000, 8000, 4000],
    [4000, undefined, 4000],
    [6976, 8000, 6976],
    [6977, 8000, 6976],
    [8000, 8000, 6976],
    [1000, 1000, 750],
    [10, 4, 3],
    [5, 1, 0],
    [0, 100, 0],
  ])("a budget of %i with max_tokens %s is %i", (budgetTokens, maxTokens, expected) => {
    for (const more of [{ max_tokens: maxTokens }, { max_completion_tokens: maxTokens, max_tokens: 1 }]) {
      if (maxTokens === undefined && "max_completion_tokens" in more) continue;
      const { body, warnings } = prepareRequest({ messages: [], thinking: { budgetTokens }, ...more });
      expect(body["thinking_token_budget"]).toBe(expected);
      expect(warnings.map((warning) => warning.code)).toEqual(
        expected === budgetTokens ? [] : ["thinking-budget-lowered"],
      );
    }
  });
});
