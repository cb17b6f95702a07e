import { validateToolCall, defineTool } from "@vllm/client";
import { describeTargets, verifies } from "@vllm-tooling/contract";
import { expect } from "vitest";
import { z } from "zod";
import { mergeDeltas, partialOf } from "../support/collect.ts";
import { ask, clientOf, lastBody, PARIS, paramsOf, play, QUESTION, TOKYO, written } from "./conversation.ts";

/** The lab's tokens: the limit is reached inside the call's arguments. */
const CUT_IN_CALL = 60;

describeTargets(["msw", "fake", "real"], (target) => {
  verifies("client/peers-3", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/tool-one");
    expect(result?.toolCalls).toEqual([
      {
        id: expect.stringMatching(/^chatcmpl-tool-/),
        name: "get_weather",
        arguments: PARIS,
        argumentsText: JSON.stringify(PARIS).replaceAll(/([:,])/g, "$1 "),
      },
    ]);
    const merged = mergeDeltas(events);
    const [start, end] = ["toolcall_start", "toolcall_end"].map((type) => merged.find((event) => event.type === type));
    expect(start).toMatchObject({ index: 0, name: "get_weather", id: result?.toolCalls[0]?.id });
    expect(end).toMatchObject({ index: 0, toolCall: result?.toolCalls[0] });
    expect(result?.finishReason).toBe("tool_calls");
  });

  verifies("client/peers-4", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/tool-two");
    expect(result?.toolCalls.map((call) => call.arguments)).toEqual([PARIS, TOKYO]);
    expect(new Set(result?.toolCalls.map((call) => call.id)).size).toBe(2);
    const ends = events.filter((event) => event.type === "toolcall_end");
    expect(ends.map((event) => [event.index, event.toolCall.arguments])).toEqual([
      [0, PARIS],
      [1, TOKYO],
    ]);
    for (const index of [0, 1]) {
      const deltas = events.filter((event) => event.type === "toolcall_delta" && event.index === index);
      const text = deltas.map((event) => ("delta" in event ? event.delta : "")).join("");
      expect(text).toBe(result?.toolCalls[index]?.argumentsText);
    }
  });

  verifies("client/peers-5", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-no-args");
    expect(result?.toolCalls).toMatchObject([{ name: "now", arguments: {} }]);
    expect(result?.toolCalls[0]).not.toHaveProperty("parseError");
  });

  verifies("client/peers-6", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-nested");
    expect(result?.toolCalls[0]?.arguments).toMatchObject({
      query: 'a {"b": [1, 2]} c',
      filters: { tags: ["x", "y"], deep: { n: -1500, ok: true, none: null } },
    });
    const long = await ask(target, "0.32.0/lab/tool-long-args");
    expect(long.result?.toolCalls[0]?.arguments?.["text"]).toMatch(/^def f0\(x\):\n\treturn x \* 0 {2}# "0" \\n <b>\n/);
    const { result: two } = await ask(target, "0.32.0/lab/tool-two");
    expect(two?.toolCalls[1]?.arguments).toEqual(TOKYO);
  });

  verifies.each("client/peers-7a", ["tool-bad-json", "tool-unclosed"], async (name) => {
    const { events, result } = await ask(target, `0.32.0/lab/${name}`);
    const broken = {
      name: "get_weather",
      arguments: undefined,
      argumentsText: '{"city": "Par',
      parseError: { kind: "cut-off" },
    };
    expect(result?.toolCalls).toMatchObject([broken]);
    expect(events.find((event) => event.type === "toolcall_end")).toMatchObject({ toolCall: broken });
    // The server itself says that all is well.
    expect(result?.finishReason).toBe("tool_calls");
  });

  verifies("client/peers-7b", async () => {
    const { client, result, served } = await ask(target, "0.32.0/lab/tool-bad-json");
    const [call] = result!.toolCalls;
    const tool = defineTool({ name: "get_weather", parameters: z.object({ city: z.string() }) });
    const checked = await validateToolCall(tool, call!);
    expect(checked).toMatchObject({ ok: false, message: expect.stringContaining("was not run") });
    const { messages, tools } = paramsOf("0.32.0/lab/tool-bad-json");
    const words = (checked as { message: string }).message;
    const next = await client.complete({
      messages: [...messages, result!.message, { role: "tool", tool_call_id: call!.id, content: words }],
      tools,
    });
    expect(next.finishReason).toMatch(/^(stop|tool_calls|length)$/);
    if (target.name === "real") return;
    const sent = (lastBody(served)["messages"] as { tool_calls?: { function: { arguments: string } }[] }[])[1];
    expect(() => JSON.parse(sent!.tool_calls![0]!.function.arguments) as unknown).not.toThrow();
  });

  verifies("client/peers-8b", async () => {
    const { result } = await ask(target, "0.32.0/hermes-qwen3/tool-cut", { params: { max_tokens: CUT_IN_CALL } });
    expect(result?.finishReason).toBe("length");
    expect(result?.toolCalls).toMatchObject([{ name: "get_weather", arguments: undefined }]);
    expect(result?.toolCalls[0]?.parseError?.kind).toBe("length");
    const bad = await ask(target, "0.32.0/lab/tool-bad-json");
    expect(bad.result?.toolCalls[0]?.parseError?.kind).not.toBe("length");
  });

  verifies("client/peers-10", async () => {
    const { client, result } = await ask(target, "0.32.0/lab/tool-one");
    const { messages, ...rest } = paramsOf("0.32.0/lab/tool-one");
    const [call] = result!.toolCalls;
    const answer = await client.complete({
      ...rest,
      messages: [...messages, result!.message, { role: "tool", tool_call_id: call!.id, content: "18 °C, sunny" }],
    });
    expect(call?.arguments).toEqual(PARIS);
    if (target.name === "real") expect(answer.text).toContain("It is 18 °C and sunny in Paris");
    expect(answer.usage?.prompt_tokens).toBeGreaterThan(result!.usage!.prompt_tokens - 1);
  });

  verifies("client/wire-36", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-n2");
    const calls = result?.choices.map((choice) => choice.toolCalls.map((call) => call.arguments));
    expect(calls).toEqual([[PARIS], [PARIS]]);
    expect(result?.choices[0]?.toolCalls[0]?.id).not.toBe(result?.choices[1]?.toolCalls[0]?.id);
  });

  verifies("client/wire-39", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-named");
    expect(result).toMatchObject({ finishReason: "stop", toolCalls: [{ name: "get_weather", arguments: PARIS }] });
    expect(result).not.toHaveProperty("emptyTurn");
    expect(result?.message.tool_calls).toHaveLength(1);
  });

  verifies("client/wire-44", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-string-args");
    expect(result?.toolCalls).toMatchObject([{ arguments: undefined, parseError: { kind: "not-an-object" } }]);
    expect(result?.toolCalls[0]?.argumentsText).toBe(String.raw`"{\"city\": \"Paris\"}"`);
  });

  verifies("client/wire-45", async () => {
    const { client, result } = await ask(target, "0.32.0/lab/tool-unknown");
    const [call] = result!.toolCalls;
    expect(call).toMatchObject({ name: "not_a_tool", arguments: { x: 1 } });
    const tool = defineTool({ name: "get_weather", parameters: z.object({}) });
    const checked = await validateToolCall(tool, call!);
    expect(checked).toEqual({ ok: false, message: expect.stringContaining("get_weather") });
    const { messages, tools } = paramsOf("0.32.0/lab/tool-unknown");
    const content = (checked as { message: string }).message;
    const next = [...messages, result!.message, { role: "tool" as const, tool_call_id: call!.id, content }];
    await expect(client.complete({ messages: next, tools })).resolves.toBeDefined();
  });

  verifies("client/wire-46", "qwen3: the thought ends at the call", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-in-thought");
    expect(result).toMatchObject({ thinking: "\nI could say ", text: "", toolCalls: [{ arguments: PARIS }] });
    expect(result?.toolCalls).toHaveLength(1);
  });

  verifies("client/wire-52", async () => {
    const { result } = await ask(target, "0.32.0/lab/tool-none");
    expect(result?.text).toContain("<tool_call>");
    expect(result).toMatchObject({ toolCalls: [], finishReason: "stop" });
    expect(result?.warnings).toMatchObject([{ code: "tool-call-in-text" }]);
  });

  verifies("client/wire-54", "calls", async () => {
    const whole = await ask(target, "0.32.0/lab/tool-two-nonstream", { params: { stream: false } });
    const streamed = await ask(target, "0.32.0/lab/tool-two");
    const withoutIds = (text: unknown) => JSON.stringify(text).replaceAll(/chatcmpl-[\w-]+/g, "");
    const blocks = (given: typeof whole) =>
      withoutIds(mergeDeltas(given.events).filter((event) => event.type.startsWith("toolcall_")));
    expect(blocks(whole)).toBe(blocks(streamed));
    expect(whole.result?.text).toBe(streamed.result?.text);
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("client/wire-31", async () => {
    const { events, result } = await play(target, "0.32.0/tools-pythonic/tool-one");
    expect(result?.toolCalls).toEqual([
      {
        id: "chatcmpl-tool-a1f95246d4489a53",
        name: "get_weather",
        arguments: PARIS,
        argumentsText: expect.any(String),
      },
    ]);
    expect(events.filter((event) => event.type === "toolcall_start")).toHaveLength(1);
  });

  verifies.each(
    "client/wire-33",
    ["0.10.2/small/tool-no-args", "0.32.0/tools-llama3-json/tool-no-args"],
    async (id) => {
      const { result } = await play(target, id);
      expect(result?.toolCalls).toMatchObject([{ name: "now", arguments: {}, argumentsText: "" }]);
      expect(result?.message.tool_calls).toMatchObject([{ function: { arguments: "{}" } }]);
    },
  );

  verifies("client/wire-34", async () => {
    const { result } = await play(target, "0.10.2/small/tool-one");
    expect(result?.toolCalls).toMatchObject([{ arguments: PARIS }]);
    expect(result?.toolCalls[0]?.argumentsText).toMatch(/\}\n$/);
  });

  verifies("client/wire-35", async () => {
    const { events, result } = await play(target, "0.32.0/lab-kimi-k2/tool-text-between");
    expect(result?.toolCalls.map((call) => call.arguments)).toEqual([PARIS, TOKYO]);
    expect(new Set(result?.toolCalls.map((call) => call.id)).size).toBe(1);
    const indexes = events.filter((event) => event.type === "toolcall_end").map((event) => event.index);
    expect(indexes).toEqual([0, 1]);
  });

  verifies("client/wire-37", "after the calls", async () => {
    const { events, result } = await play(target, "0.32.0/tools-qwen3-coder/tool-then-text");
    expect(result).toMatchObject({ text: "I have asked the tool.", toolCalls: [{ arguments: PARIS }] });
    const types = mergeDeltas(events).map((event) => event.type);
    expect(types.lastIndexOf("text_start")).toBeGreaterThan(types.indexOf("toolcall_start"));
  });

  verifies("client/wire-37", "between the calls", async () => {
    const { events, result } = await play(target, "0.32.0/tools-deepseek-v31/tool-text-between");
    expect(result?.text).toBe("First. \nSecond. ");
    expect(result?.toolCalls.map((call) => call.arguments)).toEqual([PARIS, TOKYO]);
    const order = mergeDeltas(events).filter((event) => event.type === "text_start" || event.type === "toolcall_start");
    expect(order.map((event) => event.type)).toEqual(["text_start", "toolcall_start", "text_start", "toolcall_start"]);
    expect(order.map((event) => ("contentIndex" in event ? event.contentIndex : -1))).toEqual([0, 1, 2, 3]);
  });

  verifies.each("client/wire-40", ["0.10.2/small/tool-cut", "0.24.0/small/tool-cut"], async (id) => {
    const { result } = await play(target, id);
    expect(result?.finishReason).toBe("tool_calls");
    expect(result?.toolCalls).toMatchObject([{ name: "get_weather", arguments: undefined, parseError: {} }]);
  });

  verifies("client/stream-repetition", async () => {
    const stopped = { finishReason: "repetition", ending: "repetitive", stopReason: "repetition_detected" };
    const { result } = await play(target, "0.32.0/lab-repetition/repetition-in-call-stream");
    expect(result).toMatchObject({
      ...stopped,
      toolCalls: [{ name: "calculator", arguments: undefined, parseError: { kind: "cut-off" } }],
    });
    // Not streamed, the parser leaves the call in the text.
    const whole = await play(target, "0.32.0/lab-repetition/repetition-in-call-nonstream");
    expect(whole.result).toMatchObject({ ...stopped, toolCalls: [], text: expect.stringContaining("<tool_call>") });
    for (const how of ["stream", "nonstream"]) {
      const said = await play(target, `0.32.0/lab-repetition/repetition-in-text-${how}`);
      expect(said.result).toMatchObject({ ...stopped, toolCalls: [], text: "\n\n777777" });
      expect(said.result).not.toHaveProperty("emptyTurn");
    }
  });

  verifies("client/wire-43", async () => {
    const call = { index: 0, id: "call-1", type: "function", function: { name: "now", arguments: "{" } };
    const served = await target.serve(
      written({ tool_calls: [call] }, { tool_calls: [{ index: 0, function: { arguments: "}" } }], finish: "length" }),
    );
    const result = await clientOf(served).complete(QUESTION);
    expect(result.toolCalls).toMatchObject([
      { arguments: undefined, argumentsText: "{}", parseError: { kind: "length" } },
    ]);
  });

  verifies("client/wire-46", "deepseek_r1: the call stays a thought, also for those who recover calls", async () => {
    const thought = 'I could say <tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>';
    const served = await target.serve(written({ reasoning: thought }, { content: "It is noon.", finish: "stop" }));
    const client = clientOf(served, { recover: { toolCallText: true, thinkTags: true } });
    const result = await client.complete(QUESTION);
    expect(result).toMatchObject({ thinking: thought, text: "It is noon.", toolCalls: [] });
  });

  verifies("client/wire-54", "tool_calls: [] of old versions is no call", async () => {
    const { result } = await play(target, "0.10.2/small/hello-nonstream", { params: { stream: false } });
    expect(result?.toolCalls).toEqual([]);
    expect(result?.message).not.toHaveProperty("tool_calls");
    const two = await play(target, "0.10.2/small/tool-two-nonstream", { params: { stream: false } });
    expect(two.result?.toolCalls.map((call) => call.arguments)).toEqual([PARIS, TOKYO]);
  });

  verifies("client/wire-55", async () => {
    for (const argumentsText of ['{"city": "Par', { city: "Paris" }, ""]) {
      const call = { id: "call-1", type: "function", function: { name: "get_weather", arguments: argumentsText } };
      const { result, served } = await play(target, "hello", {
        params: {
          messages: [
            { role: "user", content: "Hello" },
            { role: "assistant", content: null, tool_calls: [call] } as never,
            { role: "tool", tool_call_id: "call-1", content: "18" },
          ],
        },
      });
      expect(result?.finishReason).toBe("stop");
      const sent = (lastBody(served)["messages"] as (typeof call & { tool_calls?: (typeof call)[] })[])[1];
      const text = sent?.tool_calls?.[0]?.function.arguments;
      expect(text).toEqual(expect.any(String));
      expect(JSON.parse(text as string)).toEqual(expect.any(Object));
    }
  });

  verifies("client/peers-7b", "neither when the stream breaks", async () => {
    const { error } = await play(target, "malformed/endings/clean-end-in-arguments");
    expect(partialOf(error).toolCalls).toMatchObject([{ arguments: undefined }]);
  });
});
