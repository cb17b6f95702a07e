import { VllmError } from "@vllm/schema/core";
import { loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { profileWith } from "../../test/families/profile.ts";
import { defineTool } from "../schemas/index.ts";
import type { ChatParams } from "../request/index.ts";
import { countTokens, detokenize, tokenize } from "./tokenize.ts";
import type { PostJson } from "./tokenize.ts";

const messages: ChatParams["messages"] = [{ role: "user", content: "Hello" }];

/** Answers with what was recorded, and keeps what was asked. */
function recorded(id: string): { post: PostJson; asked: { path: string; body: Readonly<Record<string, unknown>> }[] } {
  const { response } = loadFixture(id);
  const asked: { path: string; body: Readonly<Record<string, unknown>> }[] = [];
  const post: PostJson = (path, body) => {
    asked.push({ path, body });
    return Promise.resolve(JSON.parse(new TextDecoder().decode(response.body)) as unknown);
  };
  return { post, asked };
}

async function bodyOf(
  params: ChatParams,
  context?: Parameters<typeof countTokens>[2],
): Promise<Readonly<Record<string, unknown>>> {
  const { post, asked } = recorded("0.32.0/hermes-qwen3/tokenize-messages-tools");
  await countTokens(post, params, context);
  return asked[0]?.body ?? {};
}

describe("tokenize", () => {
  test("a text, at the server's root", async () => {
    const id = "0.10.2/small/tokenize-prompt";
    const { post, asked } = recorded(id);
    const { request } = loadFixture(id);
    const body = request.body as { model: string; prompt: string };
    const answer = await tokenize(post, body);
    expect(asked).toEqual([{ path: "/tokenize", body }]);
    expect(answer.count).toBe(answer.tokens.length);
    expect(answer.maxModelLen).toBe(4096);
    expect(answer).not.toHaveProperty("tokenStrings");
  });

  test("a conversation: the recorded question is asked again", async () => {
    const id = "0.32.0/hermes-qwen3/tokenize-messages-tools";
    const { post, asked } = recorded(id);
    const body = loadFixture(id).request.body as unknown as ChatParams;
    const answer = await tokenize(post, body);
    expect(asked[0]?.body).toEqual(body);
    expect(answer.count).toBe(answer.tokens.length);
    expect(await countTokens(post, body)).toBe(answer.count);
  });

  test("the texts of the tokens", async () => {
    const post: PostJson = () => Promise.resolve({ count: 1, tokens: [5], token_strs: ["Hi"], max_model_len: null });
    expect(await tokenize(post, { prompt: "Hi", return_token_strs: true })).toEqual({
      count: 1,
      tokens: [5],
      tokenStrings: ["Hi"],
    });
  });

  test.each([[undefined], [null], ["<html>"], [{ detail: "Not Found" }], [{ count: "5", tokens: [] }], [{ count: 5 }]])(
    "%j is no answer",
    async (answer) => {
      const error: unknown = await tokenize(() => Promise.resolve(answer), { prompt: "x" }).catch(
        (thrown: unknown) => thrown,
      );
      expect(VllmError.isInstance(error) && error.code).toBe("NOT_VLLM");
    },
  );
});

describe("countTokens asks for the prompt of the chat request", () => {
  test("and sends nothing else", async () => {
    const tool = defineTool({ name: "now", parameters: z.object({}) });
    const body = await bodyOf({
      model: "m",
      messages,
      tools: [tool],
      temperature: 0,
      max_tokens: 5,
      affinity: "conversation",
    });
    expect(Object.keys(body).toSorted()).toEqual(["messages", "model", "tools"]);
    expect(JSON.stringify(body["tools"])).toContain('"parameters"');
  });

  test("with the history as it will be sent", async () => {
    const profile = profileWith({ history: { developerRole: "rejected", laterSystem: "rejected" } });
    const body = await bodyOf({ messages: [...messages, { role: "developer", content: "Be brief." }] }, { profile });
    expect(body["messages"]).toEqual([{ role: "system", content: "Be brief." }, ...messages]);
  });

  test("with reasoning under the name that /tokenize reads", async () => {
    const body = await bodyOf({
      messages: [...messages, { role: "assistant", content: "Hi", reasoning_content: "t" }],
    });
    expect(body["messages"]).toEqual([...messages, { role: "assistant", content: "Hi", reasoning: "t" }]);
  });

  test.each<[Partial<ChatParams>, unknown]>([
    [{}, undefined],
    [{ chat_template_kwargs: { a: 1 } }, { a: 1 }],
    [{ reasoning_effort: "low" }, { enable_thinking: true, reasoning_effort: "low" }],
    [{ reasoning_effort: "none" }, { enable_thinking: false, reasoning_effort: "none" }],
    [
      { reasoning_effort: "high", chat_template_kwargs: { enable_thinking: false } },
      { enable_thinking: false, reasoning_effort: "high" },
    ],
    [{ reasoning_effort: null, chat_template_kwargs: null }, undefined],
    [{ thinking: { effort: "max" } }, { enable_thinking: true, reasoning_effort: "max" }],
  ])("with thinking as the chat route renders it: %j", async (params, kwargs) => {
    expect((await bodyOf({ messages, ...params }))["chat_template_kwargs"]).toEqual(kwargs);
  });

  test("that continues a message", async () => {
    const body = await bodyOf({ messages, continue_final_message: true, add_generation_prompt: false });
    expect(body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });
});

describe("detokenize", () => {
  test("gives the text", async () => {
    const { post, asked } = recorded("0.10.2/small/detokenize");
    const { tokens } = loadFixture("0.10.2/small/detokenize").request.body as { tokens: number[] };
    expect(typeof (await detokenize(post, { tokens }))).toBe("string");
    expect(asked).toEqual([{ path: "/detokenize", body: { tokens } }]);
  });

  test("ids that are none give an empty text", async () => {
    expect(await detokenize(() => Promise.resolve({ prompt: "" }), { tokens: [99_999_999] })).toBe("");
  });

  test("another answer is an error", async () => {
    await expect(detokenize(() => Promise.resolve({}), { tokens: [1] })).rejects.toMatchObject({ code: "NOT_VLLM" });
  });
});
