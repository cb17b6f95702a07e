import { createVllmClient } from "@vllm/client";
import type { ModelProfile } from "@vllm/schema";
import { VllmError } from "@vllm/schema";
import { stopClock } from "@vllm-tooling/contract/clock";
import type { ControlledStream, FakeVllm } from "@vllm-tooling/fake-vllm";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toConfigProfile } from "../connect/to-config-profile.ts";
import type { Tool } from "../tools/tool.ts";
import { answer, begin } from "../../test/support/answers.ts";
import type { Agent } from "./agent.ts";
import { createAgent } from "./agent.ts";
import type { AgentEvent } from "./agent-event.ts";

let server: FakeVllm;
let runs: string[];

beforeEach(async () => {
  server = await startFakeVllm();
  runs = [];
});
afterEach(() => server.close());

const echo: Tool = {
  name: "echo",
  description: "Repeats",
  parameters: { text: { type: "string", description: "" } },
  run: ({ text = "" }) => {
    runs.push(text);
    return `echo ${text}`;
  },
};
const profile = (contextWindow = 32_768, id = "lab/tiny"): ModelProfile =>
  toConfigProfile({ id, name: id, contextWindow });

function createTestAgent(options: { contextWindow?: number; tools?: readonly Tool[]; idleMs?: number } = {}): Agent {
  const { contextWindow, tools = [echo], idleMs = 5000 } = options;
  const client = createVllmClient({
    baseUrl: server.baseUrl,
    apiKey: "",
    retry: { maxRetries: 0 },
    timeouts: { idleMs },
  });
  return createAgent({
    client,
    model: profile(contextWindow),
    system: "Be brief.",
    tools,
  });
}

interface Asked {
  events: AgentEvent[];
  isComplete: boolean | undefined;
  error: unknown;
}
async function askAll(
  agent: Agent,
  question: string,
  signal = new AbortController().signal,
  onEvent?: (event: AgentEvent) => void,
): Promise<Asked> {
  const events: AgentEvent[] = [];
  try {
    const asking = agent.ask(question, signal);
    for (;;) {
      const next = await asking.next();
      if (next.done === true) return { events, isComplete: next.value, error: undefined };
      events.push(next.value);
      onEvent?.(next.value);
    }
  } catch (error) {
    return { events, isComplete: undefined, error };
  }
}
const ofType = <Type extends AgentEvent["type"]>({ events }: Asked, type: Type) =>
  events.filter((event): event is Extract<AgentEvent, { type: Type }> => event.type === type);

interface SentMessage {
  role: string;
  content: string | null;
  tool_calls?: { function: { name: string; arguments: string } }[];
}
const sent = (index: number) =>
  server.requests.filter(({ path }) => path === "/v1/chat/completions")[index]?.body as {
    messages: SentMessage[];
    tools?: unknown[];
  };
const roles = (index: number) => sent(index).messages.map(({ role }) => role);
const contents = (index: number) => sent(index).messages.map(({ content }) => content);
const play = (...streams: ControlledStream[]) => server.play(streams);

describe("a conversation", () => {
  test("what was said comes along with the next question", async () => {
    play(answer({ text: "Hello." }), answer({ text: "Fine." }));
    const agent = createTestAgent();
    expect((await askAll(agent, "Hi")).isComplete).toBe(true);
    expect((await askAll(agent, "How are you?")).isComplete).toBe(true);
    expect(contents(1)).toEqual(["Be brief.", "Hi", "Hello.", "How are you?"]);
    expect(agent.turnCount).toBe(2);
    expect(agent.usage).toMatchObject({ requests: 2, prompt: 200, output: 40, context: 120 });
  });

  test("goes to the same server behind a router, under one name", async () => {
    play(answer({ text: "a" }), answer({ text: "b" }));
    const agent = createTestAgent();
    await askAll(agent, "one");
    await askAll(agent, "two");
    const names = server.requests.map(({ headers }) => headers["x-session-id"]);
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), names[0]]);
  });

  test("reset forgets it, and keeps counting", async () => {
    play(answer({ text: "a" }), answer({ text: "b" }));
    const agent = createTestAgent();
    await askAll(agent, "one");
    agent.reset();
    expect(agent).toMatchObject({ turnCount: 0, usage: { requests: 1, context: 0 } });
    await askAll(agent, "two");
    expect(contents(1)).toEqual(["Be brief.", "two"]);
    expect(agent.usage).toMatchObject({ requests: 2, prompt: 200 });
  });

  test("what it has shown of the model is known", async () => {
    play(answer({ calls: [{ name: "echo", text: "{}" }] }), answer({ text: "a" }));
    const agent = createTestAgent();
    expect(agent.model).toMatchObject({ toolCalling: { value: "unknown" } });
    await askAll(agent, "one");
    expect(agent.model).toMatchObject({
      toolCalling: { value: "yes", source: "learned" },
      reasoning: { value: "unknown" },
    });
  });

  test("another model goes on with it", async () => {
    server.play([answer({ text: "a" }), answer({ text: "b" })]);
    const agent = createTestAgent();
    await askAll(agent, "one");
    agent.use(profile(1000, "lab/tiny"));
    expect(agent.contextWindow).toBe(1000);
    await askAll(agent, "two");
    expect(contents(1)).toEqual(["Be brief.", "one", "a", "two"]);
  });
});

describe("tools", () => {
  const call = (text: string, name = "echo") => ({ name, text });

  test("run in the order of the calls, and their results go back", async () => {
    play(
      answer({ text: "Let me see.", calls: [call('{"text": "a"}'), call('{"text": "b"}')] }),
      answer({ text: "Done." }),
    );
    const asked = await askAll(createTestAgent(), "go");
    expect(asked.isComplete).toBe(true);
    expect(runs).toEqual(["a", "b"]);
    expect(ofType(asked, "tool_result")).toMatchObject([
      { name: "echo", output: "echo a", isError: false },
      { name: "echo", output: "echo b", isError: false },
    ]);
    expect(roles(1)).toEqual(["system", "user", "assistant", "tool", "tool"]);
    expect(contents(1).slice(3)).toEqual(["echo a", "echo b"]);
  });

  test("a call that is no JSON is answered with what is wrong, never run", async () => {
    play(answer({ calls: [call('{"text": nope}')] }), answer({ text: "Sorry." }));
    const asked = await askAll(createTestAgent(), "go");
    expect(runs).toEqual([]);
    expect(ofType(asked, "warning")[0]?.warning).toMatchObject({ code: "BROKEN_CALL_RETRIED" });
    expect(contents(1).at(-1)).toMatch(/not valid JSON/);
    expect(asked.isComplete).toBe(true);
  });

  test("a truncated call is not run: it is asked for again once, and the answer is an error", async () => {
    const truncated = () => answer({ calls: [call('{"text": "a"}')], finishReason: "length" });
    play(truncated(), truncated());
    const asked = await askAll(createTestAgent(), "go");
    expect(runs).toEqual([]);
    expect(asked.isComplete).toBeUndefined();
    expect(asked.error).toMatchObject({ code: "STREAM_MALFORMED", reason: "broken-call" });
    expect(server.requests).toHaveLength(2);
  });

  test("an unknown tool and wrong arguments are answered", async () => {
    play(answer({ calls: [call("{}", "rm_rf"), call('{"texte": "a"}')] }), answer({ text: "Oh." }));
    const asked = await askAll(createTestAgent(), "go");
    expect(ofType(asked, "tool_result").map(({ output }) => output)).toEqual([
      'Unknown tool "rm_rf". Available tools: echo.',
      expect.stringContaining('"text" is missing. Unknown argument "texte". echo takes {text}.'),
    ]);
    expect(runs).toEqual([]);
  });

  test("the same call three times in a row is answered instead of run", async () => {
    const same = () => answer({ calls: [call('{"text": "a"}')] });
    play(same(), same(), same(), answer({ text: "All right." }));
    const asked = await askAll(createTestAgent(), "go");
    expect(runs).toEqual(["a", "a"]);
    expect(ofType(asked, "tool_result").at(-1)).toMatchObject({
      isError: true,
      output: expect.stringContaining("3 times in a row"),
    });
    expect(asked.isComplete).toBe(true);
  });

  test("a model that does not listen is stopped", async () => {
    server.play(() => answer({ calls: [call('{"text": "a"}')] }));
    const asked = await askAll(createTestAgent(), "go");
    expect(runs).toEqual(["a", "a"]);
    expect(server.requests).toHaveLength(4);
    expect(ofType(asked, "incomplete")).toMatchObject([{ reason: expect.stringContaining("same tool call") }]);
  });

  test("a model that always finds another call is stopped, too", async () => {
    let count = 0;
    server.play(() => answer({ calls: [call(`{"text": "${(count += 1)}"}`)] }));
    const asked = await askAll(createTestAgent(), "go");
    expect(runs).toHaveLength(25);
    expect(ofType(asked, "incomplete")).toMatchObject([{ reason: expect.stringContaining("still calling tools") }]);
  });

  test("a long result is cut to what the window can take", async () => {
    play(answer({ calls: [call("{}", "long")] }), answer({ text: "ok" }));
    const long: Tool = { name: "long", description: "", parameters: {}, run: () => "x".repeat(100_000) };
    const asked = await askAll(createTestAgent({ contextWindow: 8000, tools: [long] }), "go");
    expect(ofType(asked, "tool_result")[0]?.output).toHaveLength(6000 + "\n[cut: 94000 more characters]".length);
  });

  test("a server without a tool parser is asked without tools, and the person is told once", async () => {
    await server.close();
    server = await startFakeVllm({ config: "0.32.0/no-tool-parser", scenario: "hello" });
    const client = createVllmClient({ baseUrl: server.baseUrl, apiKey: "" });
    const agent = createAgent({
      client,
      model: profile(4096, "tiny"),
      system: "s",
      tools: [echo],
    });
    const first = await askAll(agent, "Hi");
    expect(first.isComplete).toBe(true);
    expect(ofType(first, "notice")).toMatchObject([
      { code: "TOOL_PARSER_NOT_ENABLED", hint: expect.stringContaining("--tool-call-parser") },
    ]);
    expect(ofType(await askAll(agent, "Hi again"), "notice")).toEqual([]);
  });
});

describe("answers that are not whole", () => {
  test.each([
    ["length", "limit of tokens"],
    ["content_filter", "content filter"],
  ])("finish reason %s says why", async (finishReason, said) => {
    play(answer({ text: "Half an", finishReason }));
    const agent = createTestAgent();
    const asked = await askAll(agent, "go");
    expect(asked.isComplete).toBe(false);
    expect(ofType(asked, "incomplete")).toMatchObject([{ reason: expect.stringContaining(said) }]);
    expect(agent.turnCount).toBe(1);
  });

  test("no answer at all says so", async () => {
    play(answer({}));
    expect((await askAll(createTestAgent(), "go")).isComplete).toBe(false);
  });

  test('a server that dies: an error with what had come, which is kept for "go on"', async () => {
    const stream = begin("The answer is that");
    server.play(stream);
    const agent = createTestAgent();
    const { error } = await askAll(agent, "Tell me", undefined, ({ type }) => {
      if (type !== "text_delta") return;
      // Neither is there a server that could go on with the answer.
      server.fail({ kind: "html-502" });
      stream.reset();
    });
    server.fail(undefined);
    server.play(answer({ text: "the robot reads." }));
    expect(VllmError.isInstance(error) && error.partial).toMatchObject({ text: "The answer is that" });
    await askAll(agent, "Go on");
    expect(contents(2)).toEqual(["Be brief.", "Tell me", "The answer is that", "Go on"]);
  });

  test("a stream that ends without its finish is never a silent short answer", async () => {
    const stream = begin("The answer is that");
    stream.end();
    play(stream);
    const { isComplete, error } = await askAll(createTestAgent(), "Tell me");
    expect(isComplete).toBeUndefined();
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY" });
  });

  test("a server that falls silent is noticed within the idle limit", async () => {
    play(begin("The answer is that"));
    using clock = stopClock();
    const { error } = await clock.passUntil(askAll(createTestAgent({ idleMs: 300 }), "Tell me"), 5);
    expect(error).toMatchObject({ code: "STREAM_IDLE_TIMEOUT", partial: { text: "The answer is that" } });
    expect(clock.elapsedMs).toBeLessThan(4000);
  });

  test("a failure without any text leaves no trace in the conversation", async () => {
    server.fail({ kind: "html-502", times: 1 });
    const agent = createTestAgent();
    expect((await askAll(agent, "Hi")).error).toBeInstanceOf(VllmError);
    expect(agent.turnCount).toBe(0);
  });

  test("the person's stop ends the generation and keeps what had come", async () => {
    const stream = begin("A long story");
    play(stream);
    const controller = new AbortController();
    const agent = createTestAgent();
    const { error } = await askAll(agent, "Tell me", controller.signal, ({ type }) => {
      if (type === "text_delta") controller.abort();
    });
    expect(error).toMatchObject({ code: "ABORTED" });
    expect(await stream.closed).toBe("client-left");
    expect(agent.turnCount).toBe(1);
  });

  test("the person's stop ends a tool, too", async () => {
    play(answer({ calls: [{ name: "slow", text: "{}" }] }));
    const controller = new AbortController();
    const slow: Tool = {
      name: "slow",
      description: "",
      parameters: {},
      run: (_values, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error));
          controller.abort();
        }),
    };
    expect((await askAll(createTestAgent({ tools: [slow] }), "go", controller.signal)).error).toMatchObject({
      code: "ABORTED",
      cause: controller.signal.reason,
    });
  });
});

describe("the window", () => {
  test("old turns are forgotten before the server refuses, and the person is told", async () => {
    const long = "word ".repeat(500);
    server.play(() => answer({ text: long }));
    const agent = createTestAgent({ contextWindow: 4000 });
    const all: Asked[] = [];
    for (let turn = 0; turn < 6; turn += 1) all.push(await askAll(agent, `Question ${turn}`));
    expect(all.every(({ isComplete }) => isComplete === true)).toBe(true);
    const shortened = all.flatMap((asked) => ofType(asked, "history_trimmed"));
    expect(shortened.length).toBeGreaterThan(0);
    expect(shortened[0]).toMatchObject({ droppedMessages: 4, shortenedResults: 0 });
    const last = contents(5);
    expect(last[0]).toBe("Be brief.");
    expect(last).not.toContain("Question 0");
    expect(last.at(-1)).toBe("Question 5");
    expect(agent.turnCount).toBeLessThan(6);
  });

  test("a refusal all the same: it is fitted to half the window, and the true window is remembered", async () => {
    server.play(() => answer({ text: "ok" }));
    const agent = createTestAgent({ contextWindow: 128_000 });
    for (let turn = 0; turn < 4; turn += 1) await askAll(agent, `Question ${turn}`);
    server.play(["0.32.0/hermes-qwen3/prompt-too-long", answer({ text: "Now it fits." })]);
    const asked = await askAll(agent, "Question 4");
    expect(asked.isComplete).toBe(true);
    expect(ofType(asked, "history_trimmed")).toMatchObject([{ droppedMessages: 6, contextWindow: 4096 }]);
    expect(contents(5)).toEqual(["Be brief.", "Question 3", "ok", "Question 4"]);
    expect(agent.contextWindow).toBe(4096);
  });

  test("a result that is too long for the true window is shortened, when the server has said which that is", async () => {
    const read: Tool = { name: "read", description: "", parameters: {}, run: () => "word ".repeat(4000) };
    server.play([
      answer({ calls: [{ name: "read", text: "{}" }] }),
      "0.32.0/hermes-qwen3/prompt-too-long",
      answer({ text: "Now it fits." }),
    ]);
    const agent = createTestAgent({ contextWindow: 128_000, tools: [read] });
    const asked = await askAll(agent, "Read it");
    expect(asked.isComplete).toBe(true);
    expect(ofType(asked, "history_trimmed")).toMatchObject([{ droppedMessages: 0, shortenedResults: 1 }]);
    expect(contents(1).at(-1)).toHaveLength(20_000);
    expect(contents(2).at(-1)).toContain("[shortened to fit the context window: it had 20000 characters]");
    expect(agent.contextWindow).toBe(4096);
  });

  test("a question that is too long by itself is the server's refusal, told as it is", async () => {
    server.play("0.32.0/hermes-qwen3/prompt-too-long");
    const { error } = await askAll(createTestAgent(), "long");
    expect(error).toMatchObject({ code: "CONTEXT_LENGTH_EXCEEDED", maxModelLen: 4096 });
  });
});
