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

  test("the host's logger", async () => {
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

describe("a turn", () => {
  test("checklist 45: thought, text and call in the host's events and words", async () => {
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

  test("checklist 49, hosts 2: counts every token once", async () => {
    const server = await start({ scenario: "0.32.0/lab/tool-one" });
    const { turn } = await run(server, says("x"), { model: { cost: { input: 1, output: 2 } } });
    const { usage } = turn;
    expect(usage.totalTokens).toBe(usage.input + usage.cacheRead + usage.output);
    expect(usage.output).toBeGreaterThan(0);
    expect(usage.reasoningTokens).toBeGreaterThan(0);
    expect(usage.reasoningTokens).toBeLessThan(usage.output);
    expect(usage.cost.total).toBeCloseTo((usage.input + 2 * usage.output) / 1e6, 12);
  });

  test("checklist 49: tokens from the prefix cache are not counted as input as well", async () => {
    const server = await start({ scenario: "0.32.0/flags/hello-stream-cached" });
    const { usage } = (await run(server, says("x"))).turn;
    expect(usage).toMatchObject({ input: 7, cacheRead: 128, output: 34 });
    expect(usage.totalTokens).toBe(usage.input + usage.cacheRead + usage.output);
  });

  test("checklist 49: a server that says no usage: zeros", async () => {
    const server = await start({ scenario: "0.32.0/lab/hello-stream-usage-false" });
    const { turn } = await run(server, says("x"));
    expect(turn.usage).toMatchObject({ input: 0, output: 0, cacheRead: 0, totalTokens: 0, cost: { total: 0 } });
    expect(turn.stopReason).toBe("stop");
  });

  test("failures 17: a thought counts as life: it may take longer than every limit for silence", async () => {
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

  test("hosts 2: blank lines that the template leaves in front of an answer are not shown", async () => {
    const server = await start();
    const { turn } = await run(server, says("Hello"));
    expect(turn.content.at(-1)).toMatchObject({ type: "text", text: expect.stringMatching(/^\S/) });
  });

  test("checklist 54, hosts 8: an abort stops the server and ends as aborted", async () => {
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
  test.each([
    "all-in-one-delta",
    "id-and-name-repeated",
    "interleaved",
    "same-id-twice",
    "stop-with-calls",
    "text-between-calls",
  ])("checklist 46, failures 38: calls are told apart by their index (%s)", async (recording) => {
    const server = await start({ scenario: `malformed/tool-calls/${recording}` });
    const ran = await run(server, says("go"));
    expect(callsOf(ran)).toEqual([
      ["get_weather", { city: "Paris" }],
      ["get_weather", { city: "東京" }],
    ]);
    expect(ran.turn.stopReason).toBe("toolUse");
  });

  test.each(["arguments-in-finish-event", "id-and-name-null", "id-late", "name-late", "no-id"])(
    "checklist 46, failures 28: a call is whole however its parts come (%s)",
    async (recording) => {
      const server = await start({ scenario: `malformed/tool-calls/${recording}` });
      const ran = await run(server, says("go"));
      expect(callsOf(ran)).toEqual([["get_weather", { city: "Paris" }]]);
      expect(ran.turn.content.find((block) => block.type === "toolCall")?.id).not.toBe("");
    },
  );

  test.each(["malformed/tool-calls/calls-null", "malformed/endings/call-finish-without-call"])(
    "failures 9: no calls are no calls (%s)",
    async (scenario) => {
      const server = await start({ scenario });
      const { turn } = await run(server, says("go"));
      expect(turn).toMatchObject({ stopReason: "stop", content: [{ type: "text" }] });
    },
  );

  test("failures 39: a call within the thought is run, and the thought is still one", async () => {
    const server = await start({ scenario: "0.32.0/lab/tool-in-thought" });
    const ran = await run(server, says("go"));
    expect(callsOf(ran)).toEqual([["get_weather", { city: "Paris", unit: "celsius" }]]);
    expect(ran.turn.content[0]).toMatchObject({ type: "thinking" });
  });

  test.each(["0.10.2/small/tool-one", "malformed/fields/reasoning-content", "malformed/fields/both-reasoning-fields"])(
    "checklist 47: the thought is read from either field, once (%s)",
    async (scenario) => {
      const server = await start({ scenario });
      const { turn } = await run(server, says("go"));
      const thoughts = turn.content.filter((block) => block.type === "thinking");
      expect(thoughts).toMatchObject([
        { thinking: expect.stringMatching(/^\s*I (think|need)/), thinkingSignature: "reasoning" },
      ]);
    },
  );

  test("failures 10: an answer that stands in the thought is shown", async () => {
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
  test.each([
    ["malformed/fields/last-text-in-finish-event", "length"],
    ["malformed/tool-calls/stop-with-calls", "toolUse"],
    ["malformed/fields/usage-with-finish", "stop"],
    ["malformed/fields/empty-finish", "stop"],
    ["malformed/endings/no-done", "stop"],
  ])("checklist 48: %s is %s", async (scenario, stopReason) => {
    const server = await start({ scenario });
    expect((await run(server, says("go"))).turn.stopReason).toBe(stopReason);
  });

  test("checklist 48: a filtered answer is an error", async () => {
    const server = await start({ scenario: "malformed/fields/content-filter-finish" });
    expect(lastWordsOf(await run(server, says("go")))).toMatch(/^⚠️ A content filter/);
  });

  test("checklist 48: a reason that nobody knows is named in the log, and the answer kept", async () => {
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

  test.each(["clean-end-in-text", "done-without-finish", "empty-stream", "only-done", "only-role"])(
    "checklist 48: a stream without a finish reason is not an answer (%s)",
    async (recording) => {
      const server = await start({ scenario: `malformed/endings/${recording}` });
      const words = lastWordsOf(await run(server, says("go")));
      expect(words).toMatch(/^⚠️ .*\[vllm:STREAM_ENDED_EARLY\]$/);
      expect(words).not.toContain("error.partial");
    },
  );

  test.each([
    ["0.32.0/lab/n-zero", "n must be at least 1, got 0."],
    ["0.9.2/old/n-zero", "n must be at least 1, got 0."],
  ])("checklist 50: the server's own words are in the error, in either shape (%s)", async (scenario, words) => {
    const server = await start({ scenario });
    expect(lastWordsOf(await run(server, says("go")))).toContain(words);
  });

  test.each([
    ["0.32.0/no-tool-parser/tools-auto", "TOOL_PARSER_NOT_ENABLED", "--enable-auto-tool-choice"],
    ["0.32.0/lab/unknown-model-stream", "MODEL_NOT_FOUND", "Served: "],
    ["0.32.0/api-key/chat-stream-wrong-key", "AUTHENTICATION_FAILED", "VLLM_API_KEY"],
    ["0.32.0/lab/system-second-stream", "CHAT_TEMPLATE_REJECTED", "system"],
  ])("checklist 52: %s is an error of its own kind, with a way out", async (scenario, code, wayOut) => {
    const server = await start({ scenario });
    const words = lastWordsOf(await run(server, says("go"), { settings: { recoverToolCalls: false } }));
    expect(words).toContain(wayOut);
    expect(words).toContain(`[vllm:${code}]`);
  });
});

describe("errors", () => {
  test("hosts 5b: told to the user as the answer, since the host shows nothing of a turn that ends as an error", async () => {
    const server = await start({ apiKey: "sk-right" });
    const { turn, events } = await run(server, says("Hello"), { options: { apiKey: "sk-wrong" } });
    expect(turn.stopReason).toBe("stop");
    expect(turn.content).toEqual([{ type: "text", text: expect.stringContaining("refused the API key (401)") }]);
    expect(kinds(events)).toEqual(["start", "text_start", "text_delta", "text_end", "done"]);
    expect(JSON.stringify(turn)).toContain("vllm-connect setup --host openclaw --provider vllm-plus does it.");
    expect(JSON.stringify(turn)).not.toContain("sk-wrong");
  });

  test("where fallback models are configured the host is told, so that it goes on with the next one", async () => {
    const server = await start();
    const ran = await run(server, says("Hello"), {
      model: { id: `${server.model}x` },
      settings: { hasFallbacks: true },
    });
    expect(ran.turn).toMatchObject({ stopReason: "error", errorCode: "MODEL_NOT_FOUND", content: [] });
    expect(ran.events.map(({ type }) => type)).toEqual(["error"]);
    expect(failoverReasonOf(ran.turn.errorMessage ?? "")).toBe("model_not_found");
  });

  test("the words are not sent to the model with the conversation; what it had said itself is", async () => {
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

  test("hosts 5a: a server that is off is named at once, with advice", async () => {
    const server = await start({ fail: "refuse" });
    using clock = stopClock();
    const words = lastWordsOf(await clock.passUntil(run(server, says("Hello")), 10));
    expect(words).toContain(`Nothing listens at 127.0.0.1:${server.port}`);
    expect(words).toContain("vllm serve");
    expect(clock.elapsedMs).toBeLessThan(5000);
  });

  test("hosts 5c: an unknown model names the served ones", async () => {
    const server = await start();
    const ran = await run(server, says("Hello"), { model: { id: `${server.model}x` } });
    expect(lastWordsOf(ran)).toContain(`Use "${server.model}"`);
  });

  test("hosts 5e: an overflow has its numbers, is left to the host's compaction, and adds no words to the turn", async () => {
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
  });

  test("hosts 5e: at the beginning there is nothing to compact: the user is told", async () => {
    const server = await start({ config: "0.24.0/small" });
    const words = lastWordsOf(await run(server, says("word ".repeat(20_000))));
    expect(words).toMatch(/window is \d+ tokens/);
    expect(words).toContain("--max-model-len");
  });

  describe("checklist 51: the host compacts for an overflow, and for nothing else", () => {
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

    test.each([
      "0.10.2/small/prompt-too-long-no-max",
      "0.10.2/small/prompt-too-long",
      "0.24.0/small/prompt-too-long-no-max",
      "0.32.0/hermes-qwen3/prompt-too-long",
      "0.32.0/hermes-qwen3/prompt-much-too-long",
      "0.32.0/lab/prompt-too-long-no-max",
    ])("a prompt that is too long, in the words of each version (%s)", async (id) => {
      const { turn } = await askWith(id);
      expect(turn).toMatchObject({ stopReason: "error", errorCode: "CONTEXT_LENGTH_EXCEEDED", content: [] });
      expect(isContextOverflow(turn.errorMessage ?? "")).toBe(true);
      expect(turn.errorMessage).toMatch(/the model's window is (4096|32768) tokens/);
    });

    test.each([
      "0.9.2/old/max-tokens-huge",
      "0.9.2/old/overflow-sum",
      "0.10.2/small/max-tokens-huge",
      "0.10.2/small/overflow-sum",
      "0.24.0/small/overflow-sum",
    ])(
      "failures 34, hosts 5g: too large an answer is none: a smaller one is asked for, and the log says so (%s)",
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

    test.each([
      "0.32.0/no-tool-parser/tools-required",
      "0.32.0/lab/unknown-model",
      "0.32.0/lab/system-second-stream",
      "malformed/bodies/error-flat",
      "malformed/bodies/empty-500",
      "malformed/bodies/empty-object",
      "malformed/bodies/busy-429",
    ])("another refusal is none, and never without words (%s)", async (scenario) => {
      const server = await start({ scenario });
      const { turn } = await run(server, says("", { messages }));
      const words = turn.errorMessage ?? lastWordsOf({ turn });
      expect(words).toMatch(/\[vllm:[A-Z_]+\]$/);
      expect(isContextOverflow(words)).toBe(false);
      expect(words).not.toContain("(no body)");
    });
  });

  test("hosts 6a, 6b: what was already said stays when the stream breaks", async () => {
    const server = await start({
      scenario: "0.32.0/lab/agent-long-0",
      fail: { kind: "cut-after-bytes", afterBytes: 30_000 },
    });
    const { turn } = await run(server, says("tell me"));
    const texts = turn.content.flatMap((block) => (block.type === "text" ? [block.text] : []));
    expect(texts).toEqual([expect.stringMatching(/^[^⚠]{100}/), expect.stringMatching(/^⚠️ .*\[vllm:[A-Z_]+\]$/)]);
  });
});
