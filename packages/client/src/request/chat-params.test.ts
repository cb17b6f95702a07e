import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineTool } from "../schemas/index.ts";
import type { ChatResult } from "../stream/result.ts";
import { prepareRequest } from "./index.ts";
import type { ChatMessage, ChatParams, PreparedRequest } from "./index.ts";

const messages: ChatMessage[] = [{ role: "user", content: "Hello" }];

/** The compiler is the test: `tsc` fails when an error that is expected is none. */
describe("types", () => {
  test("vLLM's parameters are known, and typing errors are errors", () => {
    prepareRequest({ messages, top_k: 20, min_p: 0.1, repetition_penalty: 1.1, stop_token_ids: [1], bad_words: ["x"] });
    prepareRequest({
      messages,
      structured_outputs: { regex: "a+" },
      priority: 1,
      cache_salt: "salt",
      vllm_xargs: { a: [1, "b"] },
    });
    // @ts-expect-error: a typing error
    prepareRequest({ messages, top_kk: 20 });
    // @ts-expect-error: not a number
    prepareRequest({ messages, top_k: "20" });
    // @ts-expect-error: a typing error inside
    prepareRequest({ messages, structured_outputs: { regexp: "a+" } });
    // @ts-expect-error: vLLM answers 400 to other words
    prepareRequest({ messages, reasoning_effort: "enormous" });
    // @ts-expect-error: messages are needed
    expect(() => prepareRequest({ top_k: 20 })).toThrow("no list of messages");
    expect(prepareRequest({ messages, extra_body: { top_kk: 20 } }).body["top_kk"]).toBe(20);
  });

  test("OpenAI's parameters are known", () => {
    prepareRequest({
      messages,
      temperature: 0,
      max_tokens: null,
      tool_choice: "required",
      logit_bias: { "5": 1 },
      seed: 1,
    });
    // @ts-expect-error: a typing error
    prepareRequest({ messages, temprature: 0 });
    // @ts-expect-error: not one of the words
    prepareRequest({ messages, tool_choice: "always" });
  });

  test("undefined is as good as absent", () => {
    const params: ChatParams = {
      messages,
      model: undefined,
      temperature: undefined,
      top_k: undefined,
      thinking: undefined,
    };
    expectTypeOf(params).toEqualTypeOf<ChatParams>();
  });

  test("our own options", () => {
    prepareRequest({ messages, thinking: "off" });
    prepareRequest({
      messages,
      thinking: { effort: "high" },
      strictTools: true,
      history: { toolCallIds: "kimi-k2" },
      affinity: "a",
    });
    // @ts-expect-error: no such word
    expect(() => prepareRequest({ messages, thinking: "maybe" })).toThrow("thinking");
    // @ts-expect-error: one or the other
    expect(() => prepareRequest({ messages, thinking: { budget: 5 } })).toThrow("thinking");
    // @ts-expect-error: no such scheme
    expect(() => prepareRequest({ messages, history: { toolCallIds: "kimi" } })).toThrow("history.toolCallIds");
  });

  test("messages hold reasoning, video and sound", () => {
    const conversation: ChatMessage[] = [
      {
        role: "assistant",
        content: null,
        reasoning: "t",
        tool_calls: [{ id: "a", type: "function", function: { name: "now", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: [{ type: "image_url", image_url: { url: "data:," } }] },
      {
        role: "user",
        content: [
          { type: "video_url", video_url: { url: "data:," } },
          { type: "audio_url", audio_url: { url: "data:," } },
        ],
      },
      { role: "user", content: [{ type: "image_url", image_url: { url: "data:," }, uuid: "picture-1" }] },
    ];
    // @ts-expect-error: no such part
    conversation.push({ role: "user", content: [{ type: "smell_url", smell_url: { url: "data:," } }] });
    // @ts-expect-error: no such role
    conversation.push({ role: "narrator", content: "x" });
    expect(conversation).toHaveLength(6);
  });

  test("the message of a reply is one of the next request", () => {
    expectTypeOf<ChatResult["message"]>().toExtend<ChatMessage>();
  });

  test("a schema types the output", () => {
    const prepared = prepareRequest({
      messages,
      outputSchema: z.object({ city: z.string(), days: z.number().default(1) }),
    });
    expectTypeOf(prepared).toEqualTypeOf<PreparedRequest<{ city: string; days: number }>>();
  });

  test("tools of a schema and plain ones stand side by side", () => {
    const tool = defineTool({ name: "now", parameters: z.object({ zone: z.string() }) });
    const params: ChatParams = { messages, tools: [tool, { type: "function", function: { name: "plain" } }] };
    expect(prepareRequest(params).toolNames).toEqual(["now", "plain"]);
  });
});
