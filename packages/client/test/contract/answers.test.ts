import { describeTargets, verifies } from "@vllm-tooling/contract";
import { expect } from "vitest";
import { collect, mergeDeltas } from "../support/collect.ts";
import { ask, clientOf, HELLO, HELLO_THOUGHT, lastBody, play, QUESTION } from "./conversation.ts";

const MARKUP =
  '\n\n```json\n{"a": [1, 2, 3], "b": "</think> is a tag"}\n```\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\ndata: [DONE]\n\n: not a comment\r\nend\u2028of\u2029text';
const EMOJI = "\n\n👩‍👩‍👧‍👦 family, 🇫🇷 flag, é vs é, שלום, 𝕏, 𠜎, 👍🏽 done";

describeTargets(["msw", "fake", "real"], (target) => {
  verifies(["client/peers-1", "client/wire-6"], async () => {
    expect((await ask(target, "0.32.0/lab/markup-stream")).result?.text).toBe(MARKUP);
    expect((await ask(target, "0.32.0/lab/emoji-stream")).result?.text).toBe(EMOJI);
  });

  verifies(["client/peers-2a", "client/wire-21"], async () => {
    const { events, result } = await ask(target, "0.32.0/lab/hello-stream");
    expect(mergeDeltas(events).map((event) => event.type)).toEqual([
      "start",
      "thinking_start",
      "thinking_delta",
      "thinking_end",
      "text_start",
      "text_delta",
      "text_end",
      "done",
    ]);
    expect(events.filter((event) => event.type === "thinking_delta").length).toBeGreaterThan(1);
    expect(result).toMatchObject({ thinking: HELLO_THOUGHT, text: HELLO });
    expect(result?.message).toEqual({ role: "assistant", content: HELLO, reasoning: HELLO_THOUGHT });
  });

  verifies("client/peers-2b", async () => {
    const { client, result, served } = await ask(target, "0.32.0/lab/hello-stream");
    const messages = [{ role: "user" as const, content: "Hello" }, result!.message];
    const question = { role: "user" as const, content: "Hello" };
    await client.complete({ messages: [...messages, question], temperature: 0 });
    if (target.name !== "real") {
      expect(lastBody(served)["messages"]).toMatchObject([{}, { role: "assistant", reasoning: HELLO_THOUGHT }, {}]);
      return;
    }
    // The template keeps the thought of a turn that is not over yet.
    const tokens = await client.countTokens({ messages, add_generation_prompt: false });
    const { reasoning: _, ...plain } = result!.message;
    expect(tokens).toBeGreaterThan(
      await client.countTokens({ messages: [messages[0]!, plain], add_generation_prompt: false }),
    );
  });

  verifies("client/peers-8a", async () => {
    const { result } = await ask(target, "0.32.0/lab/think-length-stream");
    expect(result).toMatchObject({ finishReason: "length", text: "" });
    expect(result?.thinking).toMatch(/^\nI should think some more/);
    expect(result?.warnings).toMatchObject([{ code: "thinking-used-up-budget" }]);
    expect(result?.warnings[0]?.hint).toMatch(/max_tokens.*budgetTokens/);
    // Length is no empty turn: the model was not done.
    expect(result).not.toHaveProperty("emptyTurn");
  });

  verifies("client/peers-9", "prompt, completion and reasoning tokens", async () => {
    const { result } = await ask(target, "0.32.0/lab/hello-stream");
    expect(result?.usage?.prompt_tokens).toBe(16);
    expect(result?.usage?.completion_tokens).toBeGreaterThan(20);
    expect(result?.usage?.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(5);
  });

  verifies("client/wire-8", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/n2-stream");
    expect(result?.choices.map(({ choiceIndex, text, thinking }) => ({ choiceIndex, text, thinking }))).toEqual([
      { choiceIndex: 0, text: HELLO, thinking: HELLO_THOUGHT },
      { choiceIndex: 1, text: HELLO, thinking: HELLO_THOUGHT },
    ]);
    expect(events.filter((event) => event.type === "done")).toHaveLength(1);
  });

  verifies("client/wire-9", async () => {
    const { result } = await ask(target, "0.32.0/lab/length-in-content-stream");
    expect(result?.finishReason).toBe("length");
    const whole = await ask(target, "0.32.0/lab/length-in-content-stream", { params: { stream: false } });
    expect(result?.text).toBe(whole.result?.text);
    expect(result?.text.length).toBeGreaterThan(40);
  });

  verifies("client/wire-11", async () => {
    const { result } = await ask(target, "0.32.0/lab/continuous-usage", {
      params: { stream_options: { include_usage: true, continuous_usage_stats: true } },
    });
    const once = await ask(target, "0.32.0/lab/hello-stream");
    expect(result?.usage).toMatchObject({
      prompt_tokens: once.result?.usage?.prompt_tokens,
      completion_tokens: once.result?.usage?.completion_tokens,
    });
  });

  verifies("client/wire-16", "a text that ends the answer", async () => {
    const { result } = await ask(target, "0.32.0/lab/stop-stream");
    expect(result).toMatchObject({ finishReason: "stop", stopReason: "can", text: "\n\nHello there! How " });
  });

  verifies("client/wire-18", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/stream-interval");
    const types = mergeDeltas(events).map((event) => event.type);
    expect(types.indexOf("thinking_start")).toBeLessThan(types.indexOf("text_start"));
    expect(types.filter((type) => type.endsWith("_start"))).toEqual(["thinking_start", "text_start"]);
    expect(result?.thinking).toBe("\nA long one.\n");
    expect(result?.text).toMatch(/^\n\nLine 0 of the story/);
  });

  verifies("client/wire-22", "the model stops inside its thought", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/think-only");
    expect(result).toMatchObject({ finishReason: "stop", text: "", emptyTurn: "thought-only" });
    expect(events.map((event) => event.type)).not.toContain("text_start");
  });

  verifies("client/wire-22", "nothing at all", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/say-nothing");
    expect(result).toMatchObject({ text: "", thinking: "", emptyTurn: "nothing" });
    expect(events.map((event) => event.type)).toEqual(["start", "done"]);
  });

  verifies("client/wire-32", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/include-reasoning-false");
    expect(result).toMatchObject({ text: HELLO, thinking: "" });
    expect(result?.message).toEqual({ role: "assistant", content: HELLO });
    expect(events.map((event) => event.type)).not.toContain("thinking_start");
  });

  verifies("client/wire-53", async () => {
    const { events, result } = await ask(target, "0.32.0/lab/logprobs-stream");
    expect(result?.text).toBe(HELLO);
    expect(result?.logprobs?.content.length).toBe(result?.usage?.completion_tokens);
    expect(result?.logprobs?.content[0]).toMatchObject({ logprob: expect.any(Number), top_logprobs: [{}, {}] });
    expect(events.some((event) => event.type === "tokens" && event.logprobs !== undefined)).toBe(true);
  });

  verifies("client/wire-54", "texts", async () => {
    const whole = await ask(target, "0.32.0/lab/hello-nonstream", { params: { stream: false } });
    const streamed = await ask(target, "0.32.0/lab/hello-stream");
    const types = mergeDeltas(whole.events).map((event) => event.type);
    expect(types).toEqual(mergeDeltas(streamed.events).map((event) => event.type));
    expect(whole.result).toMatchObject({ text: HELLO, thinking: HELLO_THOUGHT, finishReason: "stop" });
    expect(whole.result?.usage?.completion_tokens).toBe(streamed.result?.usage?.completion_tokens);
  });
});

describeTargets(["msw", "fake"], (target) => {
  verifies("client/peers-9", "cached tokens, of a server that counts them", async () => {
    const { result, served } = await play(target, "0.32.0/flags/hello-stream-cached");
    expect(result?.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(0);
    expect(lastBody(served)["stream_options"]).toEqual({ include_usage: true });
  });

  verifies("client/wire-4", "not events", async () => {
    const { events, result } = await play(target, "0.32.0/keep-alive/keep-alive-stream");
    expect(events[0]?.type).toBe("start");
    expect(result?.text).toBe("Hello there! How can I help you today?");
    const paused = await play(target, "0.32.0/keep-alive/pause-in-stream");
    expect(paused.result?.text).toMatch(/^Line 0 of the story.*robot\. Line 6/);
  });

  verifies.each("client/wire-10", ["tools-pythonic/tool-one", "hermes-deepseek-r1/say-nothing"], async (name) => {
    const { events } = await play(target, `0.32.0/${name}`);
    expect(events.map((event) => event.type)).not.toContain("text_start");
    expect(events.map((event) => event.type)).not.toContain("thinking_start");
    for (const event of events) if ("delta" in event) expect(event.delta).not.toBe("");
  });

  verifies("client/wire-11", "on every chunk, unasked", async () => {
    const { result } = await play(target, "0.32.0/flags/hello-usage-false-forced");
    const usage = result?.usage;
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(usage?.completion_tokens).toBeLessThan(100);
  });

  verifies("client/wire-15", async () => {
    const { result, events } = await play(target, "0.32.0/multi-name/chat-second-name-stream");
    expect(result?.text).toBe("Hello there! How can I help you today?");
    expect(result?.model).not.toBe("lab/tiny");
    expect(events[0]).toMatchObject({ type: "start", model: result?.model });
  });

  verifies("client/wire-16", "a token's number, and a stop inside the thought", async () => {
    const number = await play(target, "0.32.0/hermes-qwen3/tool-parallel-false");
    expect(number.result?.stopReason).toEqual(expect.any(Number));
    const thought = await play(target, "0.32.0/hermes-qwen3/stop-in-thought-stream");
    expect(thought.result).toMatchObject({ stopReason: "greets", thinking: "\nThe user ", text: "" });
  });

  verifies("client/wire-20", "reasoning_content", async () => {
    const { result } = await play(target, "0.10.2/small/hello-stream");
    expect(result).toMatchObject({ thinking: HELLO_THOUGHT, text: HELLO });
    expect(result?.message).toMatchObject({ reasoning: HELLO_THOUGHT });
    expect(result?.message).not.toHaveProperty("reasoning_content");
  });

  verifies("client/wire-20", "both fields at once, as 0.12.0 sends them", async () => {
    const { result } = await play(target, "malformed/fields/both-reasoning-fields");
    expect(result).toMatchObject({ thinking: "I think.", text: "I am." });
  });

  verifies("client/wire-24", async () => {
    const { events, result } = await play(target, "0.32.0/lab-glm45/think-twice");
    const blocks = events.filter((event) => event.type === "thinking_end" || event.type === "text_end");
    expect(blocks.map((event) => ("thinking" in event ? event.thinking : event.text))).toEqual([
      "\nOne.",
      "\n\nFirst. ",
      "\nTwo.",
      "\n\nSecond.",
    ]);
    expect(blocks.map((event) => event.contentIndex)).toEqual([0, 1, 2, 3]);
    expect(result).toMatchObject({ thinking: "\nOne.\nTwo.", text: "\n\nFirst. \n\nSecond." });
  });

  verifies("client/wire-53", "token ids", async () => {
    const { result } = await play(target, "0.32.0/hermes-qwen3/tool-return-token-ids");
    expect(result?.tokenIds?.length).toBe(result?.usage?.completion_tokens);
    expect(result?.promptTokenIds?.length).toBe(result?.usage?.prompt_tokens);
    expect(result?.toolCalls).toMatchObject([{ name: "now", arguments: {} }]);
  });

  verifies("client/wire-93", async () => {
    const { result } = await play(target, "0.32.0/hermes-qwen3/emoji-cut");
    expect(result).toMatchObject({ text: "👩\u200d", finishReason: "length" });
  });
});

describeTargets(["fake"], (target) => {
  verifies.each("client/wire-1", ["0.32.0/hermes-qwen3/tool-two", "0.32.0/lab/markup-stream"], async (id) => {
    const { events } = await play(target, id);
    const dripping = await target.serveFailing("drip", { scenario: id });
    const again = await collect(clientOf(dripping).chat(QUESTION));
    expect(again.events).toEqual(events);
    expect(events.length).toBeGreaterThan(10);
  });
});
