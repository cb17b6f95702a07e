import type { ModelProfile } from "@vllm/schema/core";
import { describe, expect, test } from "vitest";
import { fitRequest } from "./fit-request.ts";
import { planDryRun } from "./plan-dry-run.ts";

const fact = <Value>(value: Value) => ({ value, source: "server" as const, evidence: "it says so" });
const profile: ModelProfile = {
  id: "tiny",
  contextWindow: fact(4096),
  input: fact(["text"]),
  toolCalling: fact("yes"),
  reasoning: fact("yes"),
  thinking: fact({
    default: "on",
    off: { chat_template_kwargs: { enable_thinking: false } },
    efforts: { low: { chat_template_kwargs: { effort: "low" } } },
  }),
  history: fact({
    laterSystem: "kept",
    secondSystem: "kept",
    developerRole: "rejected",
    consecutiveUser: "kept",
    toolCallIds: "any",
    reasoningReplay: "all-turns",
  }),
};
const MESSAGES = [{ role: "user", content: "Hello" }];
/** What CoderClaw's engine sends (pi-ai 0.54 with the entry that CoderClaw makes). */
const HOST_BODY = {
  model: "tiny",
  messages: [{ role: "developer", content: "You are an agent." }, ...MESSAGES],
  stream: true,
  stream_options: { include_usage: true },
  store: false,
  max_completion_tokens: 8192,
  tools: [
    { type: "function", function: { name: "exec", description: "", parameters: { type: "object" }, strict: false } },
  ],
};

describe("fitRequest", () => {
  test("leaves a plain request as it is", () => {
    const { params, changes } = fitRequest({ model: "tiny", messages: MESSAGES, temperature: 0, top_k: 3 }, profile);
    expect(params).toMatchObject({ model: "tiny", messages: MESSAGES, temperature: 0, top_k: 3 });
    expect(changes).toEqual([]);
  });

  test("usage is asked for at the end only, and said where the client wanted it in every chunk", () => {
    const body = { model: "tiny", messages: MESSAGES, stream: true };
    const asks = { include_usage: true, continuous_usage_stats: true };
    const { params, changes } = fitRequest({ ...body, stream_options: asks }, profile);
    expect(params.stream_options).toEqual({ include_usage: true });
    expect(changes).toEqual(["continuous_usage_stats removed, usage comes at the end"]);
    for (const stream_options of [null, { include_usage: true, continuous_usage_stats: false }])
      expect(fitRequest({ ...body, stream_options }, profile).changes).toEqual([]);
  });

  test("changes nothing in place", () => {
    const body = structuredClone(HOST_BODY);
    fitRequest(body, profile);
    expect(body).toEqual(HOST_BODY);
  });

  test("takes CoderClaw's noise out", () => {
    const { params, changes } = fitRequest(HOST_BODY, undefined);
    expect(params).not.toHaveProperty("store");
    expect(params.tools?.[0]?.function).toEqual({ name: "exec", description: "", parameters: { type: "object" } });
    expect(changes).toEqual(["store removed", "strict: false removed from 1 tools"]);
  });

  test("keeps strict: true", () => {
    const tools = [{ type: "function", function: { name: "exec", strict: true } }];
    expect(fitRequest({ messages: MESSAGES, tools }, profile).params.tools).toEqual(tools);
  });

  test.each(["max_tokens", "max_completion_tokens"])("%s as large as the window is left to vLLM", (field) => {
    const fit = (value: unknown) => fitRequest({ messages: MESSAGES, [field]: value }, profile);
    expect(fit(4095)).toMatchObject({ params: { [field]: 4095 }, changes: [] });
    expect(fit(null)).toMatchObject({ params: { [field]: null }, changes: [] });
    expect(fit(8192).params).not.toHaveProperty(field);
    expect(fit(8192).changes).toEqual([`${field} 8192 removed, the window is 4096`]);
  });

  test("an assumed window decides nothing", () => {
    const assumed = { ...profile, contextWindow: { ...profile.contextWindow, source: "assumed" as const } };
    expect(fitRequest({ messages: MESSAGES, max_tokens: 9999 }, assumed).params.max_tokens).toBe(9999);
  });

  test("puts a switch at the top level where the template reads it; the request's own variables win", () => {
    const body = { messages: MESSAGES, enable_thinking: false, chat_template_kwargs: { more: 1 } };
    const { params, changes } = fitRequest(body, undefined);
    expect(params.chat_template_kwargs).toEqual({ enable_thinking: false, more: 1 });
    expect(params).not.toHaveProperty("enable_thinking");
    expect(changes).toEqual(["enable_thinking moved into chat_template_kwargs"]);
  });

  test("says the effort in the words of the model's family", () => {
    const { params } = fitRequest({ messages: MESSAGES, reasoning_effort: "low" }, profile);
    expect(params).toMatchObject({ thinking: { effort: "low" } });
    expect(params).not.toHaveProperty("reasoning_effort");
    expect(fitRequest({ messages: MESSAGES, reasoning_effort: "low" }, undefined).params).toMatchObject({
      reasoning_effort: "low",
      thinking: undefined,
    });
  });

  test("sends reasoning back under a name that templates read", () => {
    const messages = [...MESSAGES, { role: "assistant", content: "Hi", reasoning_text: "A greeting." }];
    const { params, changes } = fitRequest({ messages }, undefined);
    expect(params.messages[1]).toEqual({ role: "assistant", content: "Hi", reasoning: "A greeting." });
    expect(changes).toEqual(["reasoning_text of 1 messages sent as reasoning"]);
  });

  test("what is set for the model wins", () => {
    const settings = { params: { temperature: 0.6 }, thinking: "off", strictTools: true } as const;
    const { params, changes } = fitRequest(
      { messages: MESSAGES, temperature: 1, reasoning_effort: "high" },
      profile,
      settings,
    );
    expect(params).toMatchObject({ temperature: 0.6, thinking: "off", strictTools: true });
    expect(changes).toEqual(["temperature set for this model"]);
  });

  test.each([
    [{ messages: "x" }],
    [{ messages: [null], tools: [null] }],
    [{ messages: MESSAGES, tools: "x", chat_template_kwargs: null, enable_thinking: true }],
  ])("takes whatever comes: %j", (body) => {
    expect(fitRequest(body, profile).params.stream).toBe(true);
  });
});

describe("planDryRun", () => {
  test("names what would be changed, by us and for the template, without any content", async () => {
    const changes = await planDryRun(HOST_BODY, profile, undefined, {});
    expect(changes).toEqual([
      "store removed",
      "strict: false removed from 1 tools",
      "max_completion_tokens 8192 removed, the window is 4096",
      "messages rewritten",
      "tools rewritten",
    ]);
  });

  test("a request that fits has none", async () => {
    expect(await planDryRun({ model: "tiny", messages: MESSAGES, stream: false }, profile, undefined, {})).toEqual([]);
  });

  test("a request that cannot be made has those that are known", async () => {
    expect(await planDryRun({ messages: "x", store: true }, profile, undefined, {})).toContain("store removed");
  });
});
