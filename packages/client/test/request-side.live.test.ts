import { describeTargets, type Target } from "@vllm-tooling/contract";
import { expect, test } from "vitest";
import { prepareRequest, type ChatParams } from "../src/request/index.ts";
import { countTokens, detokenize, tokenize, type PostJson } from "../src/routes/tokenize.ts";

interface Answer {
  choices: {
    message: { content: string | null; tool_calls?: { function: { name: string } }[] };
    finish_reason: string;
  }[];
  usage: { prompt_tokens: number; completion_tokens_details?: { reasoning_tokens?: number } };
}

const WEATHER = {
  type: "function" as const,
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const user = (content: string) => ({ role: "user" as const, content });

async function open(
  target: Target,
): Promise<{ model: string; post: PostJson; ask: (params: ChatParams) => Promise<Answer> }> {
  const { baseUrl, model } = await target.serve("demo");
  const post: PostJson = async (path, body) => {
    const url = new URL(path, baseUrl);
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return JSON.parse(text) as unknown;
  };
  const ask = async (params: ChatParams) =>
    (await post(
      "/v1/chat/completions",
      prepareRequest({ model, stream: false, temperature: 0, ...params }).body,
    )) as Answer;
  return { model, post, ask };
}

describeTargets(["real"], (target) => {
  test.each<[string, ChatParams]>([
    ["a question", { messages: [user("Hello")] }],
    [
      "tools, one without parameters",
      { messages: [user("Hello")], tools: [WEATHER, { type: "function", function: { name: "now" } }] },
    ],
    ["thinking off", { messages: [user("Hello")], thinking: "off" }],
    ["an effort", { messages: [user("Hello")], reasoning_effort: "low" }],
    [
      "replayed reasoning",
      { messages: [user("x"), { role: "assistant", content: "y", reasoning_content: "I thought." }, user("z")] },
    ],
    [
      "a message to go on with",
      {
        messages: [user("x"), { role: "assistant", content: "Once upon" }],
        continue_final_message: true,
        add_generation_prompt: false,
      },
    ],
    [
      "a broken call",
      {
        messages: [
          user("x"),
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "a", type: "function", function: { name: "get_weather", arguments: '{"city": "Par' } }],
          },
          { role: "tool", tool_call_id: "a", content: "The arguments are no JSON." },
        ],
        tools: [WEATHER],
      },
    ],
  ])("countTokens is what usage says: %s", async (_, params) => {
    const { model, post, ask } = await open(target);
    const { usage } = await ask({ ...params, max_tokens: 1 });
    expect(await countTokens(post, { model, ...params })).toBe(usage.prompt_tokens);
  });

  test("what is tokenized can be detokenized", async () => {
    const { model, post } = await open(target);
    const { tokens, maxModelLen } = await tokenize(post, {
      model,
      prompt: "Hello wörld 🌞",
      add_special_tokens: false,
    });
    expect(await detokenize(post, { model, tokens })).toBe("Hello wörld 🌞");
    expect(maxModelLen).toBeGreaterThan(0);
  });

  test("the model sees what it wrote into a broken call", async () => {
    const { model, post } = await open(target);
    const { body } = prepareRequest({
      model,
      messages: [
        user("x"),
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "get_weather", arguments: '{"city": "Par' } }],
        },
      ],
    });
    const { tokens } = await tokenize(post, { model, messages: body["messages"] as ChatParams["messages"] });
    expect(await detokenize(post, { model, tokens })).toContain('{\\"city\\": \\"Par');
  });

  test("strictTools holds calls to the tools of the request, also with optional arguments", async () => {
    const { ask } = await open(target);
    // The toy model rambles in the arguments, so a call may be cut: then its text is the content.
    const said = async (strictTools: boolean) => {
      const { choices } = await ask({
        messages: [user("unknown tool")],
        tools: [WEATHER],
        strictTools,
        max_tokens: 60,
      });
      return JSON.stringify(choices[0]?.message);
    };
    expect(await said(false)).toContain("not_a_tool");
    const strict = await said(true);
    expect(strict).toContain("get_weather");
    expect(strict).not.toContain("not_a_tool");
  });

  test("a thinking budget is kept, and leaves room for the answer", async () => {
    const { ask } = await open(target);
    const tokens = async (budgetTokens: number) => {
      const { usage } = await ask({ messages: [user("think forever")], thinking: { budgetTokens }, max_tokens: 100 });
      return usage.completion_tokens_details?.reasoning_tokens;
    };
    expect(await tokens(20)).toBe(20);
    expect(await tokens(500)).toBe(75);
  });

  test("half a character in a tool's result is no reason to refuse the conversation", async () => {
    const { ask } = await open(target);
    expect((await ask({ messages: [user("Hello \ud83c")], max_tokens: 1 })).usage.prompt_tokens).toBeGreaterThan(0);
  });
});
