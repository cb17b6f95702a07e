import { loadFixture } from "@vllm-tooling/fixtures";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBridge, tearDown } from "./bridge-harness.ts";
import type { PlayedServer } from "./played-server.ts";
import { isWholeArguments, recordedStreams, startPlayedServer } from "./played-server.ts";

let server: PlayedServer;
let direct: OpenAI;
let bridged: OpenAI;

beforeAll(async () => {
  server = await startPlayedServer();
  const bridge = await startBridge({ upstream: server.baseUrl, recover: false, resume: false });
  const settings = { apiKey: "none", maxRetries: 0 };
  direct = new OpenAI({ ...settings, baseURL: server.baseUrl });
  bridged = new OpenAI({ ...settings, baseURL: bridge.baseUrl });
});
afterAll(async () => {
  await tearDown();
  server.close();
});

interface Choice {
  text: string;
  thinking: string;
  calls: { id: string; name: string; argumentsText: string }[];
  finishReason: string | null;
}

/** What a program gets that reads the stream with the `openai` package. */
async function read(
  client: OpenAI,
  n: number,
): Promise<{ choices: Choice[]; usage: unknown; error: string | undefined }> {
  const choices: Choice[] = [];
  let usage: unknown;
  try {
    const stream = await client.chat.completions.create({
      model: "tiny",
      messages: [{ role: "user", content: "Hello" }],
      stream: true,
      n,
      stream_options: { include_usage: true },
    });
    for await (const chunk of stream) {
      usage = chunk.usage ?? usage;
      for (const { index, delta, finish_reason } of chunk.choices) {
        const choice = (choices[index] ??= { text: "", thinking: "", calls: [], finishReason: null });
        const older = delta as { reasoning?: string | null; reasoning_content?: string | null };
        choice.text += delta.content ?? "";
        choice.thinking += older.reasoning ?? older.reasoning_content ?? "";
        for (const { index: at, id, function: called } of delta.tool_calls ?? []) {
          const call = (choice.calls[at] ??= { id: "", name: "", argumentsText: "" });
          call.id ||= id ?? "";
          call.name ||= called?.name ?? "";
          call.argumentsText += called?.arguments ?? "";
        }
        choice.finishReason = finish_reason ?? choice.finishReason;
      }
    }
  } catch (error) {
    return { choices, usage, error: (error as Error).message };
  }
  return { choices, usage, error: undefined };
}

// Usage in every chunk is the one thing of a stream that the bridge does not pass on.
const recorded = recordedStreams.filter((id) => !id.includes("continuous-usage"));

describe("the openai package reads through the bridge", () => {
  test("hundreds of recordings", () => expect(recorded.length).toBeGreaterThan(200));

  test.each(recorded)("%s", async (id) => {
    const { request, response } = loadFixture(id);
    const { n } = request.body as { n?: number };
    server.play(response.body);
    const [expected, seen] = [await read(direct, n ?? 1), await read(bridged, n ?? 1)];
    if (expected.choices.some(isBroken)) {
      expect(seen.error).toMatch(/not complete/);
      expect(seen.choices.flatMap(({ calls }) => calls)).toEqual([]);
    } else if (expected.error !== undefined || expected.choices.some(({ finishReason }) => finishReason === null)) {
      expect(seen.error).toBeDefined();
      expect(seen.choices.map(({ text }) => text)).toEqual(expected.choices.map(({ text }) => text));
    } else expect(seen).toEqual({ ...expected, choices: expected.choices.map(withWholeArguments) });
  });
});

/** A call that a careful program must not run. */
function isBroken({ calls, finishReason }: Choice): boolean {
  return (
    calls.length > 0 &&
    (finishReason === "length" || !calls.every(({ argumentsText }) => isWholeArguments(argumentsText)))
  );
}

/** No arguments at all are `{}` through the bridge, and agents do not know vLLM's `repetition`. */
function withWholeArguments(choice: Choice): Choice {
  const finishReason = choice.finishReason === "repetition" ? "length" : choice.finishReason;
  return {
    ...choice,
    finishReason,
    calls: choice.calls.map((call) => ({ ...call, argumentsText: call.argumentsText || "{}" })),
  };
}
