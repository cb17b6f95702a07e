import { createVllm } from "@vllm/ai-sdk-provider";
import { generateText, Output, streamText, tool } from "ai";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { streamed } from "./support/answers.ts";
import { play, type Played } from "./support/play-server.ts";

beforeAll(() => {
  globalThis.AI_SDK_LOG_WARNINGS = false;
});

const schema = z.object({ city: z.string() });
const JSON_TEXT = '{"city":"Paris"}';

async function start(...answers: readonly Played[]) {
  const ran: unknown[] = [];
  const look = tool({ inputSchema: z.object({}), execute: (input) => void ran.push(input) });
  const { baseUrl, requests } = await play(...answers);
  const model = createVllm({ baseURL: baseUrl })("m");
  const options = { model, tools: { look }, output: Output.object({ schema }), prompt: "Which city?", maxRetries: 0 };
  return { options: options as Parameters<typeof generateText>[0] & Parameters<typeof streamText>[0], requests, ran };
}

/** The text parts that a stream has, in order. */
async function textsOf(options: Parameters<typeof streamText>[0]) {
  const result = streamText(options);
  const texts: string[] = [];
  for await (const text of result.textStream) texts.push(text);
  return { text: texts.join(""), output: (await result.output) as unknown, usage: await result.usage };
}

describe("an answer that is to be JSON and may call tools", () => {
  test("calls its tool; JSON is the answer as it is", async () => {
    const { options, requests, ran } = await start(
      streamed({ text: "Let me look.", calls: [["look", "{}"]] }),
      streamed({ reasoning: "Hm.", text: JSON_TEXT }),
    );
    const { output } = await generateText({ ...options, stopWhen: ({ steps }) => steps.length === 3 });
    expect([output, ran, requests.length]).toEqual([{ city: "Paris" }, [{}], 2]);
    for (const { body } of requests) expect(body).not.toHaveProperty("response_format");
  });

  test("prose is asked for again under the grammar, without tools, and is not shown", async () => {
    const { options, requests } = await start(
      streamed({ reasoning: "Hm.", text: "It is Paris." }),
      streamed({ text: JSON_TEXT }),
    );
    const { text, output, usage } = await textsOf(options);
    expect([text, output]).toEqual([JSON_TEXT, { city: "Paris" }]);
    expect(requests).toHaveLength(2);
    expect(requests[1]?.body).toMatchObject({
      tool_choice: "none",
      response_format: { type: "json_schema", json_schema: { schema: { type: "object" } } },
      messages: requests[0]?.body["messages"],
    });
    expect(usage).toMatchObject({
      inputTokens: 20,
      outputTokens: 10,
      inputTokenDetails: { cacheReadTokens: 8 },
      outputTokenDetails: { reasoningTokens: 4 },
    });
  });

  test("so it is with generateText", async () => {
    const { options, requests } = await start(streamed({ text: "It is Paris." }), streamed({ text: JSON_TEXT }));
    const { text, output, usage } = await generateText(options);
    expect([text, output, usage.inputTokens, requests.length]).toEqual([JSON_TEXT, { city: "Paris" }, 20, 2]);
  });

  test.each([`\`\`\`json\n${JSON_TEXT}\n\`\`\``, `\n\n\`\`\`\n${JSON_TEXT}\n\`\`\`\n`])(
    "JSON is taken out of a code fence: %j",
    async (written) => {
      const { options, requests } = await start(streamed({ text: written }));
      expect(await textsOf(options)).toMatchObject({ text: JSON_TEXT, output: { city: "Paris" } });
      expect(requests).toHaveLength(1);
    },
  );

  test("an answer that was truncated is not asked for again", async () => {
    const { options, requests } = await start(streamed({ text: '{"city":', finish: "length" }));
    await expect(generateText(options)).rejects.toMatchObject({ text: '{"city":', finishReason: "length" });
    expect(requests).toHaveLength(1);
  });

  test("an abort stops the second request, too", async () => {
    const waits = { body: new TextEncoder().encode(": waiting\n\n"), isOpen: true };
    const { options, requests } = await start(streamed({ text: "It is Paris." }), waits);
    const abort = new AbortController();
    const answer = generateText({ ...options, abortSignal: abort.signal });
    const ended = expect(answer).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitUntil(() => requests.length === 2, { timeout: 60_000 });
    abort.abort();
    await ended;
  });
});
