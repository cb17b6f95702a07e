import { APICallError } from "@ai-sdk/provider";
import { listFixtures, loadFixture, toReading } from "@vllm-tooling/fixtures";
import { createVllm } from "@vllm/ai-sdk-provider";
import { jsonSchema, streamText, tool, type LanguageModelUsage, type ToolSet } from "ai";
import { describe, expect, test } from "vitest";
import { play } from "./support/play-server.ts";

const streams = listFixtures({ path: "/v1/chat/completions", streamed: true });

interface Seen {
  text: string;
  reasoning: string;
  calls: { id: string; name: string; input: unknown }[];
  ran: unknown[];
  raw: string | undefined;
  usage: LanguageModelUsage | undefined;
  errors: unknown[];
}

/** What a program gets that reads the AI SDK's own stream, with tools of these names. */
async function read(baseURL: string, names: readonly string[]): Promise<Seen> {
  const seen: Seen = { text: "", reasoning: "", calls: [], ran: [], raw: undefined, usage: undefined, errors: [] };
  const anything = tool({
    inputSchema: jsonSchema<object>({ type: "object" }),
    execute: (input) => {
      seen.ran.push(input);
      return "done";
    },
  });
  const vllm = createVllm({ baseURL, timeouts: { firstTokenMs: 2000, idleMs: 2000 } });
  const { stream } = streamText({
    model: vllm("tiny"),
    prompt: "Hello",
    maxRetries: 0,
    tools: Object.fromEntries(names.map((name) => [name, anything])) as ToolSet,
    onError: () => undefined,
  });
  for await (const part of stream) {
    if (part.type === "text-delta") seen.text += part.text;
    else if (part.type === "reasoning-delta") seen.reasoning += part.text;
    else if (part.type === "tool-call")
      seen.calls.push({ id: part.toolCallId, name: part.toolName, input: part.input });
    else if (part.type === "finish-step") [seen.raw, seen.usage] = [part.rawFinishReason, part.usage];
    else if (part.type === "error") seen.errors.push(part.error);
  }
  return seen;
}

/** The last usage that a stream of recorded bytes holds. */
function usageOf(body: Uint8Array): { prompt_tokens: number; completion_tokens: number } | undefined {
  const lines = new TextDecoder().decode(body).split("\n");
  const chunks = lines.flatMap((line) => (line.startsWith("data: {") ? [JSON.parse(line.slice(6)) as Chunk] : []));
  return chunks.findLast(({ usage }) => usage !== undefined && usage !== null)?.usage ?? undefined;
}

interface Chunk {
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
}

function parse(text: string): unknown {
  try {
    return text.trim() === "" ? {} : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

test("there are hundreds of recordings", () => expect(streams.length).toBeGreaterThan(300));

describe.concurrent.each(streams.map(({ id }) => id))("%s", (id) => {
  test("through the AI SDK's streamText", async ({ expect }) => {
    const { response } = loadFixture(id);
    const reading = toReading(response.body);
    // What is no name of a tool came from a parser that stumbled.
    const names = [...new Set(reading.toolCalls.map(({ name }) => name).filter((name) => /^[\w-]+$/.test(name)))];
    const isCut = response.end !== "complete";
    const { baseUrl, requests } = await play({ body: response.body, isCut });
    const seen = await read(baseUrl, names);

    if (reading.end === "error" || (isCut && reading.finishReason === undefined)) {
      expect(seen.errors).toHaveLength(1);
      expect(APICallError.isInstance(seen.errors[0])).toBe(true);
      expect([seen.calls, seen.ran]).toEqual([[], []]);
      expect(reading.text.startsWith(seen.text)).toBe(true);
      return;
    }
    const inputs = reading.toolCalls.map((call) => parse(call.arguments));
    const isWhole = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
    const isTruncated = reading.toolCalls.length > 0 && !["stop", "tool_calls"].includes(reading.finishReason ?? "");
    if (isTruncated || !inputs.every(isWhole)) {
      // The same bytes answer the second request, too.
      expect(requests).toHaveLength(2);
      expect(seen.errors).toMatchObject([{ data: { code: "STREAM_MALFORMED", reason: "broken-call" } }]);
      expect([seen.calls, seen.ran]).toEqual([[], []]);
      return;
    }
    expect(seen.errors).toEqual([]);
    expect(seen).toMatchObject({ text: reading.text, reasoning: reading.thinking, raw: reading.finishReason });
    expect(seen.calls.map(({ name, input }) => ({ name, input }))).toEqual(
      reading.toolCalls.map(({ name }, index) => ({ name, input: inputs[index] })),
    );
    expect(new Set(seen.calls.map((call) => call.id)).size).toBe(seen.calls.length);
    expect(seen.ran).toEqual(inputs);
    const usage = usageOf(response.body);
    expect(seen.usage?.inputTokens).toBe(usage?.prompt_tokens);
    expect(seen.usage?.outputTokens).toBe(usage?.completion_tokens);
  });
});
