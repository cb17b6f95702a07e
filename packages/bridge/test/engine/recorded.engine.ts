import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { verifies } from "@vllm-tooling/contract";
import type { FakeVllm, FakeVllmOptions } from "@vllm-tooling/fake-vllm";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterEach, beforeAll, describe, expect } from "vitest";
import type { AgentsTable } from "./agents-table.ts";
import { createAgentsTable, lastOf } from "./agents-table.ts";
import { installEngine } from "./install-engine.ts";

let table: AgentsTable;
beforeAll(async () => {
  table = createAgentsTable(await installEngine(), "Recorded bytes of vLLM 0.32.0 (`test/engine/recorded.engine.ts`)");
});

const open: FakeVllm[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

async function serve(options: FakeVllmOptions = {}): Promise<FakeVllm> {
  const fake = await startFakeVllm(options);
  open.push(fake);
  return fake;
}

const bodies = (fake: FakeVllm) =>
  fake.requests
    .filter(({ method, path }) => method === "POST" && path.endsWith("/chat/completions"))
    .map(({ body }) => body as Record<string, unknown> & { messages: Record<string, unknown>[] });

const CUT = "0.32.0/hermes-qwen3/tool-cut";
const message = "Hello";

describe("answers", () => {
  verifies("agent/coderclaw/engine-usage", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      scenario: "one turn; vLLM counts 32 output tokens, 17 of them thought",
      baseUrl: fake.baseUrl,
      job: { message },
    });
    expect(lastOf(direct).usage.output).toBe(49);
    expect(lastOf(bridged).usage).toMatchObject({ input: 16, output: 32, totalTokens: 48 });
    expect(bridged.shown).toBe(direct.shown);
    expect(bridged.thought).toBe(direct.thought);
  });

  verifies("agent/coderclaw/engine-request", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const model = { reasoning: true };
    await table.measure({
      scenario: "thinking low",
      baseUrl: fake.baseUrl,
      job: { message, model, thinking: "low" },
    });
    const [direct, bridged] = bodies(fake);
    expect(direct).toMatchObject({ reasoning_effort: "low", messages: [{ role: "developer" }, { role: "user" }] });
    expect(bridged).toMatchObject({ chat_template_kwargs: { enable_thinking: true } });
    expect(bridged).not.toHaveProperty("store");
  });

  verifies("agent/coderclaw/engine-unopened-reasoning", async () => {
    const fake = await serve({ scenario: "think-not-opened" });
    const { direct, bridged } = await table.measure({
      scenario: "thought that was never opened, parser on",
      baseUrl: fake.baseUrl,
      job: { message },
    });
    expect(bridged.shown).toBe(direct.shown);
    expect(bridged.shown).toContain("The answer is 4.");
  });

  verifies("agent/coderclaw/engine-leaked-reasoning", async () => {
    const fake = await serve({ scenario: "0.32.0/no-reasoning-parser/hello" });
    const { direct, bridged } = await table.measure({
      scenario: "no reasoning parser: `<think>` in the text",
      baseUrl: fake.baseUrl,
      job: { message },
    });
    expect(direct.shown).toContain("think>");
    expect(bridged.shown).not.toContain("think>");
    expect(bridged.thought).not.toBe("");
  });

  verifies.each(
    "agent/coderclaw/engine-empty-turn",
    ["say-nothing", "think-only", "think-and-stop"],
    async (scenario) => {
      const fake = await serve({ scenario });
      const { direct, bridged } = await table.measure({
        scenario: `empty turn (${scenario})`,
        baseUrl: fake.baseUrl,
        job: { message },
      });
      expect([lastOf(bridged).stopReason, bridged.shown, bridged.thought]).toEqual([
        lastOf(direct).stopReason,
        direct.shown,
        direct.thought,
      ]);
    },
  );
});

describe("tool calls", () => {
  verifies("agent/coderclaw/engine-tool-loop", "two calls in a turn", async () => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      scenario: "two tools in one turn, then an answer",
      baseUrl: fake.baseUrl,
      job: { message: "What is the weather in Paris and Tokyo?" },
      before: () => fake.play(["tool-two", "hello-stream"]),
    });
    expect(bridged.ran).toHaveLength(2);
    expect(bridged.ran).toEqual(direct.ran);
    const answered = bodies(fake).filter(({ messages }) => messages.at(-1)?.["role"] === "tool");
    expect(answered).toHaveLength(2);
    const [ofDirect, ofBridged] = answered.map(({ messages }) => messages.find(({ role }) => role === "assistant"));
    expect(ofBridged).toMatchObject({ reasoning: ofDirect?.["reasoning"], tool_calls: ofDirect?.["tool_calls"] });
  });

  verifies("agent/coderclaw/engine-tool-loop", "a call without arguments", async () => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      scenario: "a call without arguments",
      baseUrl: fake.baseUrl,
      job: { message: "no arguments" },
      before: () => fake.play(["tool-no-args", "hello-stream"]),
    });
    expect(bridged.ran).toEqual(["now {}"]);
    expect(direct.ran).toEqual(bridged.ran);
  });

  verifies.each(
    "agent/coderclaw/engine-truncated-call",
    [
      ["cut by the token limit", CUT],
      ["cut in the middle of its JSON, finish reason tool_calls", "tool-unclosed"],
      ["closed tag, JSON cut", "tool-bad-json"],
    ],
    async ([scenario, broken]) => {
      const fake = await serve();
      const { direct, bridged } = await table.measure({
        scenario: `tool call ${scenario}`,
        baseUrl: fake.baseUrl,
        job: { message: "What is the weather in Paris?" },
        before: (way) => fake.play(way === "direct" ? [broken, "hello-stream"] : [broken, "tool-one", "hello-stream"]),
      });
      expect(direct.ran).toEqual([expect.stringMatching(/^get_weather \{"city":"Par(?:is)?"\}$/)]);
      expect(bridged.ran).toEqual(['get_weather {"city":"Paris","unit":"celsius"}']);
      expect(lastOf(bridged).stopReason).toBe("stop");
    },
  );

  verifies("agent/coderclaw/engine-truncated-call", "twice is an error", async () => {
    const fake = await serve({ scenario: CUT });
    const { bridged } = await table.measure({
      scenario: "tool call cut, and cut again",
      baseUrl: fake.baseUrl,
      job: { message: "What is the weather in Paris?", limitMs: 20_000 },
      before: (way) => fake.play(way === "direct" ? [CUT, CUT, "hello-stream"] : CUT),
    });
    expect(bridged).toMatchObject({ ran: [], files: [] });
    expect(lastOf(bridged).errorMessage).toMatch(/not complete, twice; it was not handed over and must not be run/);
  });

  verifies("agent/coderclaw/engine-leaked-call", async () => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      scenario: "wrong or no tool parser: `<tool_call>` in the text",
      baseUrl: fake.baseUrl,
      job: { message: "What is the weather in Paris?" },
      before: () => fake.play(["0.32.0/leak-hermes/leak-one", "hello-stream"]),
    });
    expect(direct.ran).toEqual([]);
    expect(direct.shown).toContain("<tool_call>");
    expect(bridged.ran).toEqual(['get_weather {"city":"Paris","unit":"celsius"}']);
    expect(bridged.shown).not.toContain("<tool_call>");
  });

  verifies("agent/coderclaw/engine-tool-parser", async () => {
    const fake = await serve({ config: "0.32.0/no-tool-parser" });
    const { direct, bridged } = await table.measure({
      scenario: "server without --enable-auto-tool-choice",
      baseUrl: fake.baseUrl,
      job: { message, model: { id: fake.model } },
    });
    expect(lastOf(direct).errorMessage).toMatch(/requires --enable-auto-tool-choice/);
    expect(lastOf(bridged)).toMatchObject({ stopReason: "stop" });
    expect(bridged.shown).not.toBe("");
  });
});

describe("refusals", () => {
  verifies("agent/coderclaw/engine-wrong-key", async () => {
    const fake = await serve({ apiKey: "sk-right" });
    const { bridged } = await table.measure({
      scenario: "wrong key",
      baseUrl: fake.baseUrl,
      job: { message, apiKey: "sk-wrong" },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^401 .*API key/);
    expect(lastOf(bridged).errorMessage).not.toContain("sk-wrong");
    const { bridged: right } = await table.measure({
      scenario: "then the right one",
      baseUrl: fake.baseUrl,
      job: { message, apiKey: "sk-right" },
    });
    expect(lastOf(right).stopReason).toBe("stop");
  });

  verifies("agent/coderclaw/engine-unknown-model", async () => {
    const fake = await serve();
    const { bridged } = await table.measure({
      scenario: "unknown model",
      baseUrl: fake.baseUrl,
      job: { message, model: { id: "lab/tinny" } },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^404 .*lab\/tiny/);
  });

  verifies.each(
    "agent/coderclaw/engine-overflow",
    [
      ["0.32.0/lab", "prompt larger than the window"],
      ["0.9.2/old", "the same on vLLM 0.9.2"],
    ],
    async ([config, scenario]) => {
      const fake = await serve({ config });
      const { bridged } = await table.measure({
        scenario,
        baseUrl: fake.baseUrl,
        job: { first: message, message: "word ".repeat(60_000), model: { id: fake.model } },
      });
      expect(bridged.answers).toHaveLength(2);
      expect(lastOf(bridged)).toMatchObject({ isOverflow: true });
      expect(lastOf(bridged).errorMessage).toMatch(/^400 This model's maximum context length is \d+ tokens/);
      const { bridged: own } = await table.measure({
        scenario: `${scenario}, in the first message`,
        baseUrl: fake.baseUrl,
        job: { message: "word ".repeat(60_000), model: { id: fake.model } },
      });
      // No compaction helps.
      expect(lastOf(own)).toMatchObject({ stopReason: "error", isOverflow: false });
    },
  );

  verifies.each(
    "agent/coderclaw/engine-busy-server",
    [
      ["busy-429", /^429 /],
      ["queue-408", /^408 |^429 |^50[34] /],
      ["no-workers-503", /^503 /],
    ] as const,
    async ([fail, expected]) => {
      const fake = await serve();
      const { bridged } = await table.measure({
        scenario: fail,
        baseUrl: fake.baseUrl,
        job: { message },
        before: () => fake.fail(fail),
      });
      expect(lastOf(bridged).errorMessage).toMatch(expected);
    },
  );

  verifies("agent/coderclaw/engine-pictures", async () => {
    const fake = await serve();
    const picture = { message: "What is on it?", withPicture: true };
    await table.measure({
      scenario: "picture, model entry without image: the agent drops it",
      baseUrl: fake.baseUrl,
      job: picture,
    });
    for (const { messages } of bodies(fake)) expect(JSON.stringify(messages)).not.toContain("image_url");
    const { bridged } = await table.measure({
      scenario: "picture, model entry with image",
      baseUrl: fake.baseUrl,
      job: { ...picture, model: { input: ["text", "image"] } },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^400 .*(?:image|multimodal)/i);
  });
});

describe("a server in trouble", () => {
  const limits = { timeouts: { firstTokenMs: 3000, idleMs: 3000 } };

  verifies("agent/coderclaw/engine-server-down", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    const { direct, bridged } = await table.measure({
      scenario: "server down",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      job: { message },
    });
    expect(lastOf(direct).errorMessage).toBe("Connection error.");
    expect(lastOf(bridged).errorMessage).toMatch(
      new RegExp(`^503 Nothing listens at 127\\.0\\.0\\.1:${port}.*vllm serve`),
    );
    expect(bridged.durationMs).toBeLessThan(direct.durationMs);
  });

  verifies("agent/coderclaw/engine-partial-answer", "the engine process dies", async () => {
    const { direct, bridged } = await table.measure({
      scenario: "engine dies in mid-answer",
      async baseUrl() {
        const fake = await serve({ scenario: "hello-stream" });
        fake.fail({ kind: "engine-dies", afterBytes: 3500 });
        return fake.baseUrl;
      },
      job: { message },
      bridge: { resume: false },
    });
    expect(bridged.thought).not.toBe("");
    expect(bridged.thought).toBe(direct.thought);
    expect(lastOf(bridged).errorMessage).toMatch(/^500 vLLM's engine process failed/);
  });

  verifies("agent/coderclaw/engine-partial-answer", "the server is killed", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      scenario: "server killed in mid-answer",
      baseUrl: fake.baseUrl,
      job: { message },
      bridge: { resume: false },
      before: () => fake.fail({ kind: "cut-after-bytes", afterBytes: 3500 }),
    });
    expect(lastOf(direct).errorMessage).toBe("terminated");
    expect(bridged.thought).toBe(direct.thought);
    expect(lastOf(bridged).errorMessage).toMatch(/^502 The connection was lost before/);
  });

  verifies("agent/coderclaw/engine-partial-answer", "a gateway ends the answer too early, and properly", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      scenario: "gateway ends the body properly, too early",
      baseUrl: fake.baseUrl,
      job: { message },
      before: () => fake.fail({ kind: "end-after-bytes", afterBytes: 3500 }),
    });
    expect(lastOf(direct).stopReason).toBe("stop");
    expect(lastOf(bridged).stopReason).toBe("error");
  });

  verifies.each(
    "agent/coderclaw/engine-silent-server",
    [
      ["silent in mid-answer", "stall"],
      ["silent from the start", "stall-before-headers"],
    ] as const,
    async ([scenario, kind]) => {
      const fake = await serve({ scenario: "hello-stream" });
      const { direct, bridged } = await table.measure({
        scenario: `${scenario} (limits of the bridge set to 3 s, engine stopped after 8 s)`,
        baseUrl: fake.baseUrl,
        job: { message, limitMs: 8000 },
        bridge: limits,
        before: () => fake.fail(kind === "stall" ? { kind, afterBytes: 3500 } : kind),
      });
      expect(direct.gaveUp).toBe(true);
      expect(bridged.gaveUp).toBe(false);
      expect(lastOf(bridged).errorMessage).toMatch(/silent|first token|no token/i);
    },
  );

  verifies("agent/coderclaw/engine-long-prefill", async () => {
    const fake = await serve({ scenario: "0.32.0/keep-alive/keep-alive-stream" });
    const { bridged } = await table.measure({
      scenario: "vLLM is quiet for long (its own keep-alive comments)",
      baseUrl: fake.baseUrl,
      job: { message },
      bridge: { keepAliveMs: 50 },
    });
    expect(lastOf(bridged).stopReason).toBe("stop");
  });

  verifies("agent/coderclaw/engine-abort", async () => {
    const fake = await serve({ scenario: "long-stream" });
    const { direct, bridged } = await table.measure({
      scenario: "user interrupts",
      baseUrl: fake.baseUrl,
      job: { message, abortAfter: 40 },
      before: () => fake.fail({ kind: "drip" }),
    });
    for (const turn of [direct, bridged]) expect(lastOf(turn).stopReason).toBe("aborted");
    await expect.poll(() => fake.activeRequests).toBe(0);
  });
});
