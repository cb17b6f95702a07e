import { describe, expect, test } from "vitest";
import type { ModelProfile } from "../index.ts";
import { modelProfileSchema } from "../index.ts";

const fact = <Value>(value: Value) => ({ value, source: "probed" as const, evidence: "the template says so" });

const least: ModelProfile = {
  id: "tiny",
  contextWindow: fact(4096),
  input: fact(["text"]),
  toolCalling: fact("unknown"),
  reasoning: fact("unknown"),
};

const most: ModelProfile = {
  ...least,
  root: "Qwen/Qwen3-8B",
  parent: "base",
  serverVersion: "0.32.0",
  mediaLimits: fact({ image: 4, audio: 0 }),
  toolFormat: fact("hermes"),
  toolParser: fact("hermes"),
  reasoningParser: fact("qwen3"),
  thoughtOpenedByTemplate: fact(true),
  thinking: fact({
    default: "on",
    on: { chat_template_kwargs: { enable_thinking: true } },
    off: { chat_template_kwargs: { enable_thinking: false }, reasoning_effort: "none" },
    efforts: { low: { reasoning_effort: "low" } },
    tokenBudget: true,
    budgetKwarg: "thinking_budget",
  }),
  history: fact({
    laterSystem: "rejected",
    secondSystem: "dropped",
    developerRole: "unknown",
    consecutiveUser: "kept",
    toolCallIds: "kimi-k2",
    reasoningReplay: "current-turn",
    keepReasoningKwargs: { preserve_thinking: true },
  }),
  strictTools: fact("yes"),
};

describe("modelProfileSchema", () => {
  test.each([
    ["the least", least],
    ["all of it", most],
  ])("%s survives the way through JSON", (_, profile) => {
    expect(modelProfileSchema.parse(JSON.parse(JSON.stringify(profile)))).toEqual(profile);
  });

  test("keys of a later version are left out, not refused", () => {
    expect(modelProfileSchema.parse({ ...least, later: 1, input: { ...least.input, more: 2 } })).toEqual(least);
  });

  test.each<[string, unknown]>([
    ["no id", { ...least, id: "" }],
    ["no window", { ...least, contextWindow: undefined }],
    ["a window of 0", { ...least, contextWindow: fact(0) }],
    ["a source that is none", { ...least, contextWindow: { value: 1, source: "guessed", evidence: "" } }],
    ["no evidence", { ...least, input: { value: ["text"], source: "user" } }],
    ["an unknown kind of input", { ...least, input: fact(["smell"]) }],
    ["an unknown tool format", { ...least, toolFormat: fact("new-format") }],
    ["half a history", { ...most, history: fact({ laterSystem: "kept" }) }],
    ["a list", []],
  ])("refuses %s", (_, value) => {
    expect(modelProfileSchema.safeParse(value).success).toBe(false);
  });
});
