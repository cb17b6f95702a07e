import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Bridge } from "../src/index.ts";
import { startBridge, tearDown } from "./bridge-harness.ts";

/** A real vLLM with `tooling/vllm-lab`'s replies: `pnpm test:live` starts it. */
const baseUrl = process.env["VLLM_LIVE_BASE_URL"] ?? "";

const tools = [
  {
    type: "function" as const,
    function: {
      name: "get_weather",
      description: "Current weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

describe.skipIf(baseUrl === "")("on a real vLLM", () => {
  let bridge: Bridge;
  let direct: OpenAI;
  let bridged: OpenAI;
  let model: string;

  beforeAll(async () => {
    // The lab's model follows a script, and a grammar would not let it write a broken call.
    bridge = await startBridge({ upstream: baseUrl, probeStrictTools: false });
    direct = new OpenAI({ apiKey: "none", baseURL: baseUrl, maxRetries: 0 });
    bridged = new OpenAI({ apiKey: "none", baseURL: bridge.baseUrl, maxRetries: 0 });
    model = (await direct.models.list()).data[0]!.id;
  });
  afterAll(tearDown);

  test.each(["Hello", "What is the weather in Paris?"])("%s: the same answer as direct", async (content) => {
    const body = { model, messages: [{ role: "user" as const, content }], tools, temperature: 0 };
    const [expected, seen] = [await direct.chat.completions.create(body), await bridged.chat.completions.create(body)];
    const withoutIds = ({ choices: [choice] }: OpenAI.ChatCompletion) => ({
      content: choice!.message.content,
      calls: choice!.message.tool_calls?.map((call) => (call as { function: object }).function),
      finish: choice!.finish_reason,
    });
    expect(withoutIds(seen)).toEqual(withoutIds(expected));
    expect(seen.usage).toMatchObject({ prompt_tokens: expected.usage!.prompt_tokens });
  });

  test.each(["unclosed call", "bad json"])("%s: direct gives half a call, the bridge asks again", async (content) => {
    const read = async (client: OpenAI) => {
      const seen = { text: "", argumentsText: "" };
      const messages = [{ role: "user" as const, content }];
      for await (const chunk of await client.chat.completions.create({ model, messages, tools, stream: true })) {
        seen.text += chunk.choices[0]?.delta.content ?? "";
        for (const call of chunk.choices[0]?.delta.tool_calls ?? [])
          seen.argumentsText += call.function?.arguments ?? "";
      }
      return seen;
    };
    expect((await read(direct)).argumentsText).toBe('{"city": "Par');
    // The lab's model goes on to answer once a tool has answered; here the tool's result is what was wrong with the call.
    expect(await read(bridged)).toEqual({ text: expect.stringContaining("It is 18"), argumentsText: "" });
  });

  test("tools are marked strict unasked, and no broken call can be written", async () => {
    const strict = await startBridge({ upstream: baseUrl });
    await fetch(`${strict.baseUrl!.replace(/\/v1$/, "")}/vllm-bridge`);
    const asked = new OpenAI({ apiKey: "none", baseURL: strict.baseUrl, maxRetries: 0 });
    const body = { model, messages: [{ role: "user" as const, content: "bad json" }], tools, max_tokens: 200 };
    const plain = await direct.chat.completions.create(body);
    const marked = await asked.chat.completions.create(body);
    // This template writes the mark into the prompt.
    expect(marked.usage!.prompt_tokens).toBeGreaterThan(plain.usage!.prompt_tokens);
    const calls = (marked.choices[0]!.message.tool_calls ?? []) as OpenAI.ChatCompletionMessageFunctionToolCall[];
    for (const call of calls) expect(JSON.parse(call.function.arguments)).toEqual({ city: expect.any(String) });
  });

  test("a prompt that is too long is told in the words that agents know", async () => {
    const asking = bridged.chat.completions.create({
      model,
      messages: [{ role: "user", content: "word ".repeat(60_000) }],
    });
    await expect(asking).rejects.toThrow(
      /^400 This model's maximum context length is \d+ tokens\. However, your prompt contains/,
    );
  });

  test("a client that leaves stops vLLM", async () => {
    const stream = await bridged.chat.completions.create({
      model,
      messages: [{ role: "user", content: "Tell me a long story" }],
      stream: true,
    });
    let seen = 0;
    for await (const _chunk of stream) if ((seen += 1) > 3) break;
    await expect.poll(countRunning, { timeout: 5000 }).toBe(0);
  });
});

async function countRunning(): Promise<number> {
  const metrics = await (await fetch(baseUrl.replace(/\/v1\/?$/, "/metrics"))).text();
  return Number(/^vllm:num_requests_running\{[^}]*\} ([\d.]+)$/m.exec(metrics)?.[1]);
}
