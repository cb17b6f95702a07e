import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { FakeVllm, FakeVllmOptions } from "@vllm-tooling/fake-vllm";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { HostsTable } from "./hosts-table.ts";
import { createHostsTable, lastOf } from "./hosts-table.ts";
import { installEngine } from "./install-engine.ts";

let table: HostsTable;
beforeAll(async () => {
  table = createHostsTable(await installEngine(), "Recorded bytes of vLLM 0.32.0 (`test/engine/recorded.engine.ts`)");
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
  test("2: one turn; reasoning tokens are counted once", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      row: "2",
      scenario: "one turn; vLLM counts 32 output tokens, 17 of them thought",
      baseUrl: fake.baseUrl,
      job: { message },
    });
    expect(lastOf(direct).usage.output).toBe(49);
    expect(lastOf(bridged).usage).toMatchObject({ input: 16, output: 32, totalTokens: 48 });
    expect(bridged.shown).toBe(direct.shown);
    expect(bridged.thought).toBe(direct.thought);
  });

  test("2b: the effort comes as the model's own switch, without what vLLM ignores", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const model = { reasoning: true };
    await table.measure({
      row: "2b",
      scenario: "thinking low",
      baseUrl: fake.baseUrl,
      job: { message, model, thinking: "low" },
    });
    const [direct, bridged] = bodies(fake);
    expect(direct).toMatchObject({ reasoning_effort: "low", messages: [{ role: "developer" }, { role: "user" }] });
    expect(bridged).toMatchObject({ chat_template_kwargs: { enable_thinking: true } });
    expect(bridged).not.toHaveProperty("store");
  });

  test("7c: a thought without its opening tag", async () => {
    const fake = await serve({ scenario: "think-not-opened" });
    const { direct, bridged } = await table.measure({
      row: "7c",
      scenario: "thought that was never opened, parser on",
      baseUrl: fake.baseUrl,
      job: { message },
    });
    expect(bridged.shown).toBe(direct.shown);
    expect(bridged.shown).toContain("The answer is 4.");
  });

  test("7a: no reasoning parser: the thought is not shown", async () => {
    const fake = await serve({ scenario: "0.32.0/no-reasoning-parser/hello" });
    const { direct, bridged } = await table.measure({
      row: "7a",
      scenario: "no reasoning parser: `<think>` in the text",
      baseUrl: fake.baseUrl,
      job: { message },
    });
    expect(direct.shown).toContain("think>");
    expect(bridged.shown).not.toContain("think>");
    expect(bridged.thought).not.toBe("");
  });

  test.each(["say-nothing", "think-only", "think-and-stop"])(
    "empty turn (%s): passed on as it is",
    async (scenario) => {
      const fake = await serve({ scenario });
      const { direct, bridged } = await table.measure({
        row: "empty",
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
  test("3: two calls in a turn really run, thought and ids go back", async () => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      row: "3",
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

  test("a call without arguments runs", async () => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      row: "no arguments",
      scenario: "a call without arguments",
      baseUrl: fake.baseUrl,
      job: { message: "no arguments" },
      before: () => fake.play(["tool-no-args", "hello-stream"]),
    });
    expect(bridged.ran).toEqual(["now {}"]);
    expect(direct.ran).toEqual(bridged.ran);
  });

  test.each([
    ["4a", CUT, "cut by the token limit"],
    ["4a", "tool-unclosed", "cut in the middle of its JSON, finish reason tool_calls"],
    ["4b", "tool-bad-json", "closed tag, JSON cut"],
  ])("%s: a broken call (%s) is not run; the model is asked again", async (row, broken, scenario) => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      row,
      scenario: `tool call ${scenario}`,
      baseUrl: fake.baseUrl,
      job: { message: "What is the weather in Paris?" },
      before: (way) => fake.play(way === "direct" ? [broken, "hello-stream"] : [broken, "tool-one", "hello-stream"]),
    });
    expect(direct.ran).toEqual([expect.stringMatching(/^get_weather \{"city":"Par(?:is)?"\}$/)]);
    expect(bridged.ran).toEqual(['get_weather {"city":"Paris","unit":"celsius"}']);
    expect(lastOf(bridged).stopReason).toBe("stop");
  });

  test("4a: broken twice: nothing runs, the turn ends with an error", async () => {
    const fake = await serve({ scenario: CUT });
    const { bridged } = await table.measure({
      row: "4a",
      scenario: "tool call cut, and cut again",
      baseUrl: fake.baseUrl,
      job: { message: "What is the weather in Paris?", limitMs: 20_000 },
      before: (way) => fake.play(way === "direct" ? [CUT, CUT, "hello-stream"] : CUT),
    });
    expect(bridged).toMatchObject({ ran: [], files: [] });
    expect(lastOf(bridged).errorMessage).toMatch(/not complete, twice; it was not handed over and must not be run/);
  });

  test("7b: a call that leaked into the text is found and run", async () => {
    const fake = await serve();
    const { direct, bridged } = await table.measure({
      row: "7b",
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

  test("5d: no tool parser: it works all the same", async () => {
    const fake = await serve({ config: "0.32.0/no-tool-parser" });
    const { direct, bridged } = await table.measure({
      row: "5d",
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
  test("5b: a wrong key", async () => {
    const fake = await serve({ apiKey: "sk-right" });
    const { bridged } = await table.measure({
      row: "5b",
      scenario: "wrong key",
      baseUrl: fake.baseUrl,
      job: { message, apiKey: "sk-wrong" },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^401 .*API key/);
    expect(lastOf(bridged).errorMessage).not.toContain("sk-wrong");
    const { bridged: right } = await table.measure({
      row: "5b",
      scenario: "then the right one",
      baseUrl: fake.baseUrl,
      job: { message, apiKey: "sk-right" },
    });
    expect(lastOf(right).stopReason).toBe("stop");
  });

  test("5c: an unknown model", async () => {
    const fake = await serve();
    const { bridged } = await table.measure({
      row: "5c",
      scenario: "unknown model",
      baseUrl: fake.baseUrl,
      job: { message, model: { id: "lab/tinny" } },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^404 .*lab\/tiny/);
  });

  test.each([
    ["0.32.0/lab", "prompt larger than the window"],
    ["0.9.2/old", "the same on vLLM 0.9.2"],
  ])("5e: an overflow is recognised (%s)", async (config, scenario) => {
    const fake = await serve({ config });
    const { bridged } = await table.measure({
      row: "5e",
      scenario,
      baseUrl: fake.baseUrl,
      job: { message: "word ".repeat(60_000), model: { id: fake.model } },
    });
    expect(lastOf(bridged)).toMatchObject({ isOverflow: true });
    expect(lastOf(bridged).errorMessage).toMatch(/^400 This model's maximum context length is \d+ tokens/);
  });

  test.each([
    ["busy-429", /^429 /],
    ["queue-408", /^408 |^429 |^50[34] /],
    ["no-workers-503", /^503 /],
  ] as const)("a server that is full (%s)", async (fail, expected) => {
    const fake = await serve();
    const { bridged } = await table.measure({
      row: "full",
      scenario: fail,
      baseUrl: fake.baseUrl,
      job: { message },
      before: () => fake.fail(fail),
    });
    expect(lastOf(bridged).errorMessage).toMatch(expected);
  });

  test("9: a picture to a model that reads text", async () => {
    const fake = await serve();
    const picture = { message: "What is on it?", withPicture: true };
    await table.measure({
      row: "9",
      scenario: "picture, model entry without image: the host drops it",
      baseUrl: fake.baseUrl,
      job: picture,
    });
    for (const { messages } of bodies(fake)) expect(JSON.stringify(messages)).not.toContain("image_url");
    const { bridged } = await table.measure({
      row: "9",
      scenario: "picture, model entry with image",
      baseUrl: fake.baseUrl,
      job: { ...picture, model: { input: ["text", "image"] } },
    });
    expect(lastOf(bridged).errorMessage).toMatch(/^400 .*(?:image|multimodal)/i);
  });
});

describe("a server in trouble", () => {
  const limits = { timeouts: { firstTokenMs: 3000, idleMs: 3000 } };

  test("5a: down: at once, with its address and what to do", async () => {
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as AddressInfo;
    free.close();
    const { direct, bridged } = await table.measure({
      row: "5a",
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

  test("6a: the engine dies in mid-answer: the partial answer stays, and why", async () => {
    const { direct, bridged } = await table.measure({
      row: "6a",
      scenario: "engine dies in mid-answer",
      async baseUrl() {
        const fake = await serve({ scenario: "hello-stream" });
        fake.fail({ kind: "engine-dies", afterBytes: 3500 });
        return fake.baseUrl;
      },
      job: { message },
    });
    expect(bridged.thought).not.toBe("");
    expect(bridged.thought).toBe(direct.thought);
    expect(lastOf(bridged).errorMessage).toMatch(/^500 vLLM's engine process failed/);
  });

  test("6b: the server is killed in mid-answer", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      row: "6b",
      scenario: "server killed in mid-answer",
      baseUrl: fake.baseUrl,
      job: { message },
      before: () => fake.fail({ kind: "cut-after-bytes", afterBytes: 3500 }),
    });
    expect(lastOf(direct).errorMessage).toBe("terminated");
    expect(bridged.thought).toBe(direct.thought);
    expect(lastOf(bridged).errorMessage).toMatch(/^502 The connection was lost before/);
  });

  test("a gateway loses its server: the answer is not taken for a whole one", async () => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      row: "6b",
      scenario: "gateway ends the body properly, too early",
      baseUrl: fake.baseUrl,
      job: { message },
      before: () => fake.fail({ kind: "end-after-bytes", afterBytes: 3500 }),
    });
    expect(lastOf(direct).stopReason).toBe("stop");
    expect(lastOf(bridged).stopReason).toBe("error");
  });

  test.each([
    ["6c", "stall", "silent in mid-answer"],
    ["6d", "stall-before-headers", "silent from the start"],
  ] as const)("%s: %s: the bridge's limit ends it", async (row, kind, scenario) => {
    const fake = await serve({ scenario: "hello-stream" });
    const { direct, bridged } = await table.measure({
      row,
      scenario: `${scenario} (limits of the bridge set to 3 s, engine stopped after 8 s)`,
      baseUrl: fake.baseUrl,
      job: { message, limitMs: 8000 },
      bridge: limits,
      before: () => fake.fail(kind === "stall" ? { kind, afterBytes: 3500 } : kind),
    });
    expect(direct.gaveUp).toBe(true);
    expect(bridged.gaveUp).toBe(false);
    expect(lastOf(bridged).errorMessage).toMatch(/silent|first token|no token/i);
  });

  test("a long prefill: comments keep the host's connection busy, the answer comes", async () => {
    const fake = await serve({ scenario: "0.32.0/keep-alive/keep-alive-stream" });
    const { bridged } = await table.measure({
      row: "prefill",
      scenario: "vLLM is quiet for long (its own keep-alive comments)",
      baseUrl: fake.baseUrl,
      job: { message },
      bridge: { keepAliveMs: 50 },
    });
    expect(lastOf(bridged).stopReason).toBe("stop");
  });

  test("8: the user stops: vLLM stops", async () => {
    const fake = await serve({ scenario: "long-stream" });
    const { direct, bridged } = await table.measure({
      row: "8",
      scenario: "user interrupts",
      baseUrl: fake.baseUrl,
      job: { message, abortAfter: 40 },
      before: () => fake.fail({ kind: "drip" }),
    });
    for (const turn of [direct, bridged]) expect(lastOf(turn).stopReason).toBe("aborted");
    await expect.poll(() => fake.activeRequests).toBe(0);
  });
});
