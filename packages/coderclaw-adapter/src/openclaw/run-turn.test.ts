import { verifies } from "@vllm-tooling/contract";
import { stopClock } from "@vllm-tooling/contract/clock";
import { createControlledStream, type ControlledStream } from "@vllm-tooling/fake-vllm";
import { describe, expect, test } from "vitest";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { callsOf, chunk, kinds, lastWordsOf, messagesOf, run, says } from "../../test/stream-harness.ts";
import { failoverReasonOf, isContextOverflow } from "./error-text.ts";

const start = useFakeServers();

describe("what throws within a turn ends it, and nothing else", () => {
  test("an address that cannot be used", async () => {
    const server = await start();
    const { events } = await run(server, says("x"), {
      model: { baseUrl: "http://[" },
      settings: { hasFallbacks: true },
    });
    expect(events.at(-1)).toMatchObject({ type: "error" });
    expect(JSON.stringify(events.at(-1))).toContain("http://[");
  });

  test("the agent's logger", async () => {
    const server = await start({ fail: "html-502" });
    const logger = {
      warn() {
        throw new Error("the disk is full");
      },
    };
    const { events } = await run(server, says("x"), { settings: { logger } });
    expect(events.at(-1)).toMatchObject({ type: "error" });
    expect(events.filter(({ type }) => type === "error" || type === "done")).toHaveLength(1);
  });
});

describe("what a turn teaches", () => {
  test.each([
    [
      "a good answer: the calls that the server read",
      { scenario: "0.32.0/lab/tool-one" },
      { toolCalls: [{ name: "get_weather" }] },
    ],
    ["an error", { fail: "html-502" }, { code: expect.any(String) }],
  ] as const)("%s", async (_what, options, outcome) => {
    const server = await start(options);
    const learned: unknown[] = [];
    await run(server, says("x"), {
      settings: { learn: (about, seen) => learned.push([about, seen]), hasFallbacks: true },
    });
    expect(learned).toMatchObject([[{ baseUrl: server.baseUrl, model: server.model }, outcome]]);
  });
});

describe("a turn", () => {
  verifies("agent/openclaw/stream-events", async () => {
    const server = await start({ scenario: "0.32.0/lab/tool-one" });
    const { events, turn } = await run(server, says("What is the weather in Paris?"));
    expect(kinds(events)).toEqual([
      "start",
      "thinking_start",
      "thinking_delta",
      "thinking_end",
      "text_start",
      "text_delta",
      "text_end",
      "toolcall_start",
      "toolcall_delta",
      "toolcall_end",
      "done",
    ]);
    expect(events.at(-1)).toMatchObject({ type: "done", reason: "toolUse" });
    expect(turn).toMatchObject({
      role: "assistant",
      provider: "vllm-plus",
      stopReason: "toolUse",
      content: [
        { type: "thinking", thinkingSignature: "reasoning" },
        { type: "text", text: "Let me check. " },
        { type: "toolCall", name: "get_weather", id: expect.stringMatching(/^chatcmpl-tool-/) },
      ],
    });
  });

  verifies("agent/openclaw/usage", "with reasoning", async () => {
    const server = await start({ scenario: "0.32.0/lab/tool-one" });
    const { turn } = await run(server, says("x"), { model: { cost: { input: 1, output: 2 } } });
    const { usage } = turn;
    expect(usage.totalTokens).toBe(usage.input + usage.cacheRead + usage.output);
    expect(usage.output).toBeGreaterThan(0);
    expect(usage.reasoningTokens).toBeGreaterThan(0);
    expect(usage.reasoningTokens).toBeLessThan(usage.output);
    expect(usage.cost.total).toBeCloseTo((usage.input + 2 * usage.output) / 1e6, 12);
  });

  verifies("agent/openclaw/usage", "from the prefix cache", async () => {
    const server = await start({ scenario: "0.32.0/flags/hello-stream-cached" });
    const { usage } = (await run(server, says("x"))).turn;
    expect(usage).toMatchObject({ input: 7, cacheRead: 128, output: 34 });
    expect(usage.totalTokens).toBe(usage.input + usage.cacheRead + usage.output);
  });

  verifies("agent/openclaw/usage", "of a server that reports none", async () => {
    const server = await start({ scenario: "0.32.0/lab/hello-stream-usage-false" });
    const { turn } = await run(server, says("x"));
    expect(turn.usage).toMatchObject({ input: 0, output: 0, cacheRead: 0, totalTokens: 0, cost: { total: 0 } });
    expect(turn.stopReason).toBe("stop");
  });

  verifies("agent/openclaw/reasoning-is-activity", async () => {
    const stream = createControlledStream();
    const server = await start({ scenario: stream });
    using clock = stopClock();
    let seen = 0;
    const onEvent = () => void (seen += 1);
    const running = run(server, says("x"), { settings: { firstTokenMs: 400, idleMs: 400 }, onEvent });
    for (let step = 0; step < 24; step += 1) {
      const before = seen;
      stream.writeEvent(chunk({ reasoning: "Hm. " }));
      await clock.standUntil(() => seen > before);
      await clock.pass(50);
    }
    stream.writeEvent(chunk({ content: "Yes." }));
    stream.writeEvent(chunk({}, "stop"));
    stream.write("data: [DONE]\n\n");
    stream.end();
    const { turn } = await running;
    expect(turn).toMatchObject({
      stopReason: "stop",
      content: [
        { type: "thinking", thinking: "Hm. ".repeat(24) },
        { type: "text", text: "Yes." },
      ],
    });
  });

  verifies("agent/openclaw/leading-blank-lines", async () => {
    const server = await start();
    const { turn } = await run(server, says("Hello"));
    expect(turn.content.at(-1)).toMatchObject({ type: "text", text: expect.stringMatching(/^\S/) });
  });

  verifies("agent/openclaw/abort", async () => {
    const server = await start({ fail: { kind: "stall", afterBytes: 400 } });
    const abort = new AbortController();
    const running = run(server, says("Hello"), { options: { signal: abort.signal } });
    await expect.poll(() => server.activeRequests).toBe(1);
    abort.abort();
    const { turn, events } = await running;
    expect(turn).toMatchObject({ stopReason: "aborted", errorMessage: "Request was aborted" });
    expect(events.at(-1)).toMatchObject({ type: "error", reason: "aborted" });
    await server.waitUntilIdle();
  });
});

describe("answers of other servers and older versions", () => {
  verifies.each(
    "agent/openclaw/calls-by-index",
    [
      "all-in-one-delta",
      "id-and-name-repeated",
      "interleaved",
      "same-id-twice",
      "stop-with-calls",
      "text-between-calls",
    ],
    async (recording) => {
      const server = await start({ scenario: `malformed/tool-calls/${recording}` });
      const ran = await run(server, says("go"));
      expect(callsOf(ran)).toEqual([
        ["get_weather", { city: "Paris" }],
        ["get_weather", { city: "東京" }],
      ]);
      expect(ran.turn.stopReason).toBe("toolUse");
    },
  );

  verifies.each(
    "agent/openclaw/whole-call",
    ["arguments-in-finish-event", "id-and-name-null", "id-late", "name-late", "no-id"],
    async (recording) => {
      const server = await start({ scenario: `malformed/tool-calls/${recording}` });
      const ran = await run(server, says("go"));
      expect(callsOf(ran)).toEqual([["get_weather", { city: "Paris" }]]);
      expect(ran.turn.content.find((block) => block.type === "toolCall")?.id).not.toBe("");
    },
  );

  verifies.each(
    "agent/openclaw/no-calls",
    ["malformed/tool-calls/calls-null", "malformed/endings/call-finish-without-call"],
    async (scenario) => {
      const server = await start({ scenario });
      const { turn } = await run(server, says("go"));
      expect(turn).toMatchObject({ stopReason: "stop", content: [{ type: "text" }] });
    },
  );

  verifies("agent/openclaw/call-in-reasoning", async () => {
    const server = await start({ scenario: "0.32.0/lab/tool-in-thought" });
    const ran = await run(server, says("go"));
    expect(callsOf(ran)).toEqual([["get_weather", { city: "Paris", unit: "celsius" }]]);
    expect(ran.turn.content[0]).toMatchObject({ type: "thinking" });
  });

  verifies.each(
    "agent/openclaw/reasoning-fields",
    ["0.10.2/small/tool-one", "malformed/fields/reasoning-content", "malformed/fields/both-reasoning-fields"],
    async (scenario) => {
      const server = await start({ scenario });
      const { turn } = await run(server, says("go"));
      const thoughts = turn.content.filter((block) => block.type === "thinking");
      expect(thoughts).toMatchObject([
        { thinking: expect.stringMatching(/^\s*I (think|need)/), thinkingSignature: "reasoning" },
      ]);
    },
  );

  verifies("agent/openclaw/answer-in-reasoning", async () => {
    const server = await start({ scenario: "0.32.0/lab/think-and-stop" });
    const thoughtOpenedByTemplate = { value: true, source: "probed", evidence: "test" } as const;
    const { turn } = await run(server, says("go"), { profile: { thoughtOpenedByTemplate } });
    expect(turn.content).toMatchObject([
      { type: "thinking" },
      { type: "text", text: expect.stringContaining("I stop") },
    ]);
  });
});

/** A stream of deltas, each with its finish reason. */
function ending(...sent: (object | string | null)[]): ControlledStream {
  const stream = createControlledStream();
  for (let at = 0; at < sent.length; at += 2)
    stream.writeEvent(chunk(sent[at] as object, sent[at + 1] as string | null));
  stream.write("data: [DONE]\n\n");
  stream.end();
  return stream;
}

describe("how an answer ends", () => {
  verifies.each(
    "agent/openclaw/stop-reasons",
    [
      ["malformed/fields/last-text-in-finish-event", "length"],
      ["malformed/tool-calls/stop-with-calls", "toolUse"],
      ["malformed/fields/usage-with-finish", "stop"],
      ["malformed/fields/empty-finish", "stop"],
      ["malformed/endings/no-done", "stop"],
    ],
    async ([scenario, stopReason]) => {
      const server = await start({ scenario });
      expect((await run(server, says("go"))).turn.stopReason).toBe(stopReason);
    },
  );

  verifies("agent/openclaw/stop-reasons", "a filtered answer", async () => {
    const server = await start({ scenario: "malformed/fields/content-filter-finish" });
    expect(lastWordsOf(await run(server, says("go")))).toMatch(/^⚠️ A content filter/);
  });

  verifies("agent/openclaw/stop-reasons", "an unknown reason, with the answer kept", async () => {
    const server = await start({ scenario: ending({ content: "Hello" }, "banana") });
    const { turn, warnings } = await run(server, says("go"));
    expect(turn).toMatchObject({ stopReason: "stop", content: [{ type: "text", text: "Hello" }] });
    expect(warnings.join()).toContain('"banana"');
  });

  test("another server's word for the end is one, without a warning", async () => {
    const server = await start({ scenario: "malformed/fields/unknown-finish" });
    const { turn, warnings } = await run(server, says("go"));
    expect(turn).toMatchObject({ stopReason: "stop", content: [{ type: "text" }] });
    expect(warnings).toEqual([]);
  });

  const WHOLE_CALL = {
    tool_calls: [
      { index: 0, id: "a", type: "function", function: { name: "get_weather", arguments: '{"city":"Par"}' } },
    ],
  };

  test.each(["stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn", "stop_sequence", "tool_use"])(
    "%s ends a text and a call well",
    async (word) => {
      const server = await start({ scenario: [ending({ content: "Hello" }, word), ending(WHOLE_CALL, word)] });
      expect((await run(server, says("go"))).turn.stopReason).toBe("stop");
      const called = await run(server, says("go"));
      expect(called.turn.stopReason).toBe("toolUse");
      expect(callsOf(called)).toEqual([["get_weather", { city: "Par" }]]);
    },
  );

  test.each([
    ["length", "length"],
    ["max_tokens", "length"],
    ["model_length", "length"],
    ["repetition", "length"],
    ["banana", "stop"],
  ])("%s ends a text as %s; a call is asked for again and not run", async (word, stopReason) => {
    const server = await start({
      scenario: [ending({ content: "Hello" }, word), ending(WHOLE_CALL, word), ending(WHOLE_CALL, word)],
    });
    expect((await run(server, says("go"))).turn).toMatchObject({ stopReason, content: [{ text: "Hello" }] });
    const called = await run(server, says("go"));
    expect(callsOf(called)).toEqual([]);
    expect(lastWordsOf(called)).toMatch(
      /^⚠️ The model's call of get_weather was not complete, twice; it was not run\./,
    );
    if (word === "banana") expect(lastWordsOf(called)).toContain('unknown finish reason ("banana")');
  });

  test("no call of a filtered answer is run, nor one before it", async () => {
    const server = await start({
      scenario: [ending({ ...WHOLE_CALL, content: "" }, null, { content: "No." }, "content_filter")],
    });
    const ran = await run(server, says("go"));
    expect(callsOf(ran)).toEqual([]);
    expect(lastWordsOf(ran)).toMatch(/^⚠️ A content filter/);
  });

  test.each([
    ["abort", "ENGINE_FAILED"],
    ["error", "SERVER_ERROR"],
    ["network_error", "STREAM_ENDED_EARLY"],
  ])("%s is an error", async (word, code) => {
    for (const delta of [{ content: "Hel" }, WHOLE_CALL]) {
      const server = await start({ scenario: ending(delta, word) });
      const ran = await run(server, says("go"));
      expect(callsOf(ran)).toEqual([]);
      expect(lastWordsOf(ran)).toMatch(new RegExp(`^⚠️ .*"${word}".*\\[vllm:${code}\\]$`));
    }
  });

  verifies.each(
    "agent/openclaw/stop-reasons",
    ["clean-end-in-text", "done-without-finish", "empty-stream", "only-done", "only-role"],
    async (recording) => {
      const server = await start({ scenario: `malformed/endings/${recording}` });
      const words = lastWordsOf(await run(server, says("go")));
      expect(words).toMatch(/^⚠️ .*\[vllm:STREAM_ENDED_EARLY\]$/);
      expect(words).not.toContain("error.partial");
    },
  );

  verifies.each(
    "agent/openclaw/error-words",
    [
      ["0.32.0/lab/n-zero", "n must be at least 1, got 0."],
      ["0.9.2/old/n-zero", "n must be at least 1, got 0."],
    ],
    async ([scenario, words]) => {
      const server = await start({ scenario });
      expect(lastWordsOf(await run(server, says("go")))).toContain(words);
    },
  );

  verifies.each(
    "agent/openclaw/error-kinds",
    [
      ["0.32.0/no-tool-parser/tools-auto", "TOOL_PARSER_NOT_ENABLED", "--enable-auto-tool-choice"],
      ["0.32.0/lab/unknown-model-stream", "MODEL_NOT_FOUND", "Served: "],
      ["0.32.0/api-key/chat-stream-wrong-key", "AUTHENTICATION_FAILED", "VLLM_API_KEY"],
      ["0.32.0/lab/system-second-stream", "CHAT_TEMPLATE_REJECTED", "system"],
    ],
    async ([scenario, code, wayOut]) => {
      const server = await start({ scenario });
      const words = lastWordsOf(await run(server, says("go"), { settings: { recoverToolCalls: false } }));
      expect(words).toContain(wayOut);
      expect(words).toContain(`[vllm:${code}]`);
    },
  );
});

describe("errors", () => {
  verifies("agent/openclaw/error-shown", "a wrong key", async () => {
    const server = await start({ apiKey: "sk-right" });
    const { turn, events } = await run(server, says("Hello"), { options: { apiKey: "sk-wrong" } });
    expect(turn.stopReason).toBe("stop");
    expect(turn.content).toEqual([{ type: "text", text: expect.stringContaining("refused the API key (401)") }]);
    expect(kinds(events)).toEqual(["start", "text_start", "text_delta", "text_end", "done"]);
    expect(JSON.stringify(turn)).toContain("npx @vllm/connect setup --agent openclaw --provider vllm-plus does it.");
    expect(JSON.stringify(turn)).not.toContain("sk-wrong");
  });

  test("where fallback models are configured the agent is told, so that it goes on with the next one", async () => {
    const server = await start();
    const ran = await run(server, says("Hello"), {
      model: { id: `${server.model}x` },
      settings: { hasFallbacks: true },
    });
    expect(ran.turn).toMatchObject({ stopReason: "error", errorCode: "MODEL_NOT_FOUND", content: [] });
    expect(ran.events.map(({ type }) => type)).toEqual(["error"]);
    expect(failoverReasonOf(ran.turn.errorMessage ?? "")).toBe("model_not_found");
  });

  verifies("agent/openclaw/error-shown", "later turns do not send it; what the model had said is sent", async () => {
    const server = await start({
      scenario: "0.32.0/lab/agent-long-0",
      fail: { kind: "cut-after-bytes", afterBytes: 30_000 },
    });
    const { turn } = await run(server, says("tell me"));
    server.fail(undefined);
    const messages = [{ role: "user", content: "go" } as const, turn, { role: "user", content: "and?" } as const];
    const { bodies } = await run(server, says("", { messages }));
    const sent = messagesOf(bodies.at(-1));
    expect(sent.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
    expect(JSON.stringify(sent)).not.toContain("⚠️");
  });

  verifies("agent/openclaw/server-down", "by our stream", async () => {
    const server = await start({ fail: "refuse" });
    using clock = stopClock();
    const words = lastWordsOf(await clock.passUntil(run(server, says("Hello")), 10));
    expect(words).toContain(`Nothing listens at 127.0.0.1:${server.port}`);
    expect(words).toContain("vllm serve");
    expect(clock.elapsedMs).toBeLessThan(5000);
  });

  verifies("agent/openclaw/unknown-model", "in the answer", async () => {
    const server = await start();
    const ran = await run(server, says("Hello"), { model: { id: `${server.model}x` } });
    expect(lastWordsOf(ran)).toContain(`Use "${server.model}"`);
  });

  verifies(
    "agent/openclaw/overflow",
    "left to OpenClaw's compaction, with its numbers and no words in the turn",
    async () => {
      const server = await start({ config: "0.24.0/small" });
      const messages = [
        { role: "user", content: "word ".repeat(20_000) },
        { role: "assistant", content: [{ type: "text", text: "Yes." }] },
        { role: "user", content: "and?" },
      ] as const;
      const { turn } = await run(server, says("", { messages }));
      expect(isContextOverflow(turn.errorMessage ?? "")).toBe(true);
      expect(turn.errorMessage).toMatch(/window is \d+ tokens/);
      expect(turn.content).toEqual([]);
    },
  );

  verifies("agent/openclaw/overflow", "at the beginning there is nothing to compact, so the user is told", async () => {
    const server = await start({ config: "0.24.0/small" });
    const words = lastWordsOf(await run(server, says("word ".repeat(20_000))));
    expect(words).toMatch(/window is \d+ tokens/);
    expect(words).toContain("--max-model-len");
  });

  describe("what OpenClaw compacts for", () => {
    const messages = [
      { role: "user", content: "Hello" },
      { role: "assistant", content: [{ type: "text", text: "Hello." }] },
      { role: "user", content: "and?" },
    ] as const;
    const askWith = async (id: string, next: readonly string[] = []) => {
      const [version, config, name = ""] = id.split("/");
      const server = await start({ config: `${version}/${config}`, scenario: [name, ...next] });
      return run(server, says("", { messages }), { model: { maxTokens: 4090 } });
    };

    verifies.each(
      "agent/openclaw/overflow",
      [
        "0.10.2/small/prompt-too-long-no-max",
        "0.10.2/small/prompt-too-long",
        "0.24.0/small/prompt-too-long-no-max",
        "0.32.0/hermes-qwen3/prompt-too-long",
        "0.32.0/hermes-qwen3/prompt-much-too-long",
        "0.32.0/lab/prompt-too-long-no-max",
      ],
      async (id) => {
        const { turn } = await askWith(id);
        expect(turn).toMatchObject({ stopReason: "error", errorCode: "CONTEXT_LENGTH_EXCEEDED", content: [] });
        expect(isContextOverflow(turn.errorMessage ?? "")).toBe(true);
        expect(turn.errorMessage).toMatch(/the model's window is (4096|32768) tokens/);
      },
    );

    verifies.each(
      "agent/openclaw/output-limit",
      [
        "0.9.2/old/max-tokens-huge",
        "0.9.2/old/overflow-sum",
        "0.10.2/small/max-tokens-huge",
        "0.10.2/small/overflow-sum",
        "0.24.0/small/overflow-sum",
      ],
      async (id) => {
        const { turn, bodies, warnings } = await askWith(id, ["hello-stream"]);
        expect(turn.stopReason).toBe("stop");
        expect(JSON.stringify(turn.content)).not.toContain("⚠️");
        expect(bodies.map((body) => body["max_tokens"])).toEqual([
          4090,
          expect.toSatisfy((asked) => Number(asked) < 4090),
        ]);
        expect(warnings.join()).toContain("4090 output tokens do not fit the window of 4096");
      },
    );

    verifies.each(
      "agent/openclaw/overflow",
      [
        "0.32.0/no-tool-parser/tools-required",
        "0.32.0/lab/unknown-model",
        "0.32.0/lab/system-second-stream",
        "malformed/bodies/error-flat",
        "malformed/bodies/empty-500",
        "malformed/bodies/empty-object",
        "malformed/bodies/busy-429",
      ],
      async (scenario) => {
        const server = await start({ scenario });
        const { turn } = await run(server, says("", { messages }));
        const words = turn.errorMessage ?? lastWordsOf({ turn });
        expect(words).toMatch(/\[vllm:[A-Z_]+\]$/);
        expect(isContextOverflow(words)).toBe(false);
        expect(words).not.toContain("(no body)");
      },
    );
  });

  verifies("agent/openclaw/partial-answer", async () => {
    const server = await start({
      scenario: "0.32.0/lab/agent-long-0",
      fail: { kind: "cut-after-bytes", afterBytes: 30_000 },
    });
    const { turn } = await run(server, says("tell me"));
    const texts = turn.content.flatMap((block) => (block.type === "text" ? [block.text] : []));
    expect(texts).toEqual([expect.stringMatching(/^[^⚠]{100}/), expect.stringMatching(/^⚠️ .*\[vllm:[A-Z_]+\]$/)]);
  });
});
