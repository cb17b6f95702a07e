import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { loadFixture } from "@vllm-tooling/fixtures";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startBridge, tearDown } from "../bridge-harness.ts";
import type { PlayedServer } from "../played-server.ts";
import { isWholeArguments, recordedStreams, startPlayedServer } from "../played-server.ts";
import { installEngine } from "./install-engine.ts";

interface Part {
  type: string;
  delta?: string;
  text?: string;
  toolName?: string;
  input?: unknown;
  finishReason?: { unified: string } | string;
  usage?: { inputTokens?: { total?: number }; outputTokens?: { total?: number } };
  error?: unknown;
}

interface Model {
  doStream(options: object): Promise<{ stream: AsyncIterable<Part> }>;
}

interface AiSdk {
  streamText(options: object): { fullStream: AsyncIterable<Part> };
  tool(definition: object): object;
  jsonSchema(schema: object): object;
  stepCountIs(count: number): object;
}

let sdk: AiSdk;
let createModel: (baseUrl: string) => Model;
let server: PlayedServer;
let direct: Model;
let bridged: Model;

beforeAll(async () => {
  const folder = await installEngine();
  const load = async <Module>(name: string): Promise<Module> =>
    (await import(pathToFileURL(join(folder, "node_modules", name, "dist/index.js")).href)) as Module;
  sdk = await load<AiSdk>("ai");
  const { createOpenAICompatible } = await load<{
    createOpenAICompatible(options: object): (model: string) => Model;
  }>("@ai-sdk/openai-compatible");
  createModel = (baseURL) =>
    createOpenAICompatible({ name: "vllm", apiKey: "x", baseURL, includeUsage: true })("lab/tiny");
  server = await startPlayedServer();
  const bridge = await startBridge({ upstream: server.baseUrl, recover: false, resume: false });
  direct = createModel(server.baseUrl);
  bridged = createModel(bridge.baseUrl ?? "");
});
afterAll(async () => {
  await tearDown();
  server.close();
});

interface Read {
  text: string;
  thinking: string;
  calls: { name: string; input: string }[];
  finish: string | undefined;
  tokens: [number | undefined, number | undefined];
  error: string | undefined;
}

/** What a program gets from the AI SDK's own reading of a stream. */
async function read(model: Model): Promise<Read> {
  const seen: Read = {
    text: "",
    thinking: "",
    calls: [],
    finish: undefined,
    tokens: [undefined, undefined],
    error: undefined,
  };
  try {
    const prompt = [{ role: "user", content: [{ type: "text", text: "Hello" }] }];
    const { stream } = await model.doStream({ prompt });
    for await (const part of stream) {
      if (part.type === "text-delta") seen.text += part.delta;
      else if (part.type === "reasoning-delta") seen.thinking += part.delta;
      else if (part.type === "tool-call") seen.calls.push({ name: part.toolName ?? "", input: String(part.input) });
      else if (part.type === "error") seen.error = String((part.error as Error | undefined)?.message ?? part.error);
      else if (part.type === "finish") {
        seen.finish = typeof part.finishReason === "object" ? part.finishReason.unified : part.finishReason;
        seen.tokens = [part.usage?.inputTokens?.total, part.usage?.outputTokens?.total];
      }
    }
  } catch (error) {
    seen.error = (error as Error).message;
  }
  return seen;
}

/** It reads one choice only, and mixes the others into it. */
const recorded = recordedStreams.filter((id) => !/(?:^|[/-])n2|n-two/.test(id));

describe("the AI SDK reads through the bridge", () => {
  test("hundreds of recordings", () => expect(recorded.length).toBeGreaterThan(200));

  test.each(recorded)("%s", async (id) => {
    server.play(loadFixture(id).response.body);
    const [expected, seen] = [await read(direct), await read(bridged)];
    const isBroken =
      expected.calls.length > 0 &&
      (expected.finish === "length" || !expected.calls.every(({ input }) => isWholeArguments(input)));
    if (isBroken) {
      expect(seen.error).toMatch(/not complete/);
      expect(seen.calls).toEqual([]);
    } else if (expected.error !== undefined) {
      expect(seen.error).toBeDefined();
      expect(seen.text).toBe(expected.text);
    } else {
      // vLLM's `repetition` is no word of OpenAI's: an answer that was cut.
      const finish = id.includes("/repetition-") ? "length" : expected.finish;
      expect(seen).toEqual({ ...expected, finish, calls: expected.calls.map(withWholeInput) });
    }
  });
});

describe("streamText with tools that run", () => {
  async function ask(baseUrl: string): Promise<{ ran: unknown[]; text: string; errors: string[] }> {
    const ran: unknown[] = [];
    const errors: string[] = [];
    let text = "";
    const weather = sdk.tool({
      description: "Weather of a city",
      inputSchema: sdk.jsonSchema({ type: "object", properties: { city: { type: "string" } }, required: ["city"] }),
      execute(input: unknown) {
        ran.push(input);
        return Promise.resolve("sunny");
      },
    });
    const { fullStream } = sdk.streamText({
      model: createModel(baseUrl),
      prompt: "What is the weather in Paris?",
      tools: { get_weather: weather },
      stopWhen: sdk.stepCountIs(3),
      maxRetries: 0,
      onError() {},
    });
    for await (const part of fullStream) {
      if (part.type === "text-delta") text += part.text;
      if (part.type === "error" || part.type === "tool-error")
        errors.push(String((part.error as Error).message ?? part.error));
    }
    return { ran, text, errors };
  }

  const play = async (scenarios: readonly string[]) => {
    const fake = await startFakeVllm({ scenario: [...scenarios] });
    const bridge = await startBridge({ upstream: fake.baseUrl });
    const ofDirect = await ask(fake.baseUrl);
    fake.play([...scenarios]);
    const ofBridged = await ask(bridge.baseUrl ?? "");
    await fake.close();
    return { ofDirect, ofBridged };
  };

  test("a whole call runs as it does without the bridge", async () => {
    const { ofDirect, ofBridged } = await play(["tool-one", "hello-stream"]);
    expect(ofBridged).toEqual(ofDirect);
    expect(ofBridged).toMatchObject({ ran: [{ city: "Paris", unit: "celsius" }], errors: [] });
  });

  test("a call cut by the token limit: the model is asked again", async () => {
    const { ofBridged } = await play(["0.32.0/hermes-qwen3/tool-cut", "tool-one", "hello-stream"]);
    expect(ofBridged).toMatchObject({ ran: [{ city: "Paris", unit: "celsius" }], errors: [] });
  });

  test("a call that leaked into the text runs; direct it is shown", async () => {
    const { ofDirect, ofBridged } = await play(["0.32.0/leak-hermes/leak-one", "hello-stream"]);
    expect(ofDirect.text).toContain("<tool_call>");
    expect(ofBridged.ran).toHaveLength(1);
    expect(ofBridged.text).not.toContain("<tool_call>");
  });

  test("a stream that breaks off is an error", async () => {
    const fake = await startFakeVllm({ scenario: "hello-stream" });
    const bridge = await startBridge({ upstream: fake.baseUrl });
    fake.fail({ kind: "end-after-bytes", afterBytes: 3500 });
    const { errors } = await ask(bridge.baseUrl ?? "");
    expect(errors.join(" ")).toMatch(/ended before the answer had a finish reason/);
    await fake.close();
  });
});

/** No arguments at all are `{}` through the bridge. */
function withWholeInput(call: { name: string; input: string }): { name: string; input: string } {
  return { ...call, input: call.input || "{}" };
}
