import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createControlledStream, type ControlledStream } from "@vllm-tooling/fake-vllm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { post, readEvents, setUp, startBridge, tearDown, textOf, TOOLS } from "./bridge-harness.ts";
import { chunk } from "@vllm-tooling/fake-vllm";

afterEach(tearDown);

const ASK = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }], tools: TOOLS };
const TEXT = { content: "Hello" };
const CALL = {
  tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "get_weather", arguments: '{"city":"Par"}' } }],
};

const HALF_CALL = {
  tool_calls: [{ ...CALL.tool_calls[0], function: { name: "get_weather", arguments: '{"city":"Par' } }],
};

function ending(delta: object, word: string | null, end = true): ControlledStream {
  const stream = createControlledStream();
  stream.writeEvent(chunk(delta));
  stream.writeEvent(chunk({}, word));
  if (end) {
    stream.write("data: [DONE]\n\n");
    stream.end();
  }
  return stream;
}

interface Seen {
  text: string;
  calls: unknown[];
  finish: string | null | undefined;
  error: { message: string; code: number } | undefined;
}

async function askStreamed(baseUrl: string): Promise<Seen> {
  const { text } = await post(baseUrl, { ...ASK, stream: true });
  // An error before the first event is a plain answer.
  const events = text.startsWith("{") ? [JSON.parse(text) as { error: Seen["error"] & object }] : readEvents(text);
  const choices = events.flatMap((event) => ("choices" in event ? (event.choices ?? []) : []));
  return {
    text: choices.map(({ delta }) => delta["content"] ?? "").join(""),
    calls: choices.flatMap(({ delta }) => (delta["tool_calls"] ?? []) as unknown[]),
    finish: choices.findLast(({ finish_reason: word }) => word !== null)?.finish_reason,
    error: events.at(-1)?.error,
  };
}

async function askWhole(baseUrl: string): Promise<Seen> {
  const { text } = await post(baseUrl, ASK);
  const { choices, error } = JSON.parse(text) as {
    choices?: { message: { content: string | null; tool_calls?: unknown[] }; finish_reason: string }[];
    error?: Seen["error"];
  };
  const choice = choices?.[0];
  return {
    text: choice?.message.content ?? "",
    calls: choice?.message.tool_calls ?? [],
    finish: choice?.finish_reason,
    error,
  };
}

describe.each([
  ["streamed", askStreamed],
  ["whole", askWhole],
])("an agent knows OpenAI's words only: an answer that is %s", (how, ask) => {
  test.each([
    ["stop", "stop", "stop"],
    ["tool_calls", "tool_calls", "tool_calls"],
    ["function_call", "function_call", "function_call"],
    ["eos", "stop", "tool_calls"],
    ["eos_token", "stop", "tool_calls"],
    ["end_turn", "stop", "tool_calls"],
    ["stop_sequence", "stop", "tool_calls"],
    ["tool_use", "stop", "tool_calls"],
    [" STOP ", "stop", "stop"],
  ])("%s ends a text as %s and a call as %s", async (word, ofText, ofCall) => {
    const { baseUrl, chats } = await setUp({ scenario: [ending(TEXT, word), ending(CALL, word)] });
    expect(await ask(baseUrl)).toMatchObject({ text: "Hello", calls: [], finish: ofText, error: undefined });
    expect(await ask(baseUrl)).toMatchObject({
      calls: [{ id: "a", function: { name: "get_weather", arguments: '{"city":"Par"}' } }],
      finish: ofCall,
      error: undefined,
    });
    expect(chats()).toHaveLength(2);
  });

  test.each([
    ["length", "length"],
    ["max_tokens", "length"],
    ["model_length", "length"],
    ["repetition", "length"],
    ["content_filter", "content_filter"],
    ["banana", "stop"],
  ])("%s ends a text as %s; a call is asked for again and never handed over", async (word, finish) => {
    const { baseUrl, chats, log } = await setUp({
      scenario: [ending(TEXT, word), ending(CALL, word), ending(CALL, word), ending(CALL, word), ending(CALL, "stop")],
    });
    expect(await ask(baseUrl)).toMatchObject({ text: "Hello", calls: [], finish, error: undefined });
    expect(log.at(-1)?.changes.includes("UNKNOWN_FINISH_REASON")).toBe(word === "banana");
    const { calls, error } = await ask(baseUrl);
    expect(calls).toEqual([]);
    expect(error?.message).toContain("The model's tool call was not complete, twice; it was not handed over");
    expect(chats()).toHaveLength(3);
    if (word === "banana") expect(error?.message).toContain('unknown finish reason ("banana")');
    // One slip is mended.
    expect(await ask(baseUrl)).toMatchObject({ calls: [{ id: "a" }], finish: "stop" });
  });

  test.each([
    ["abort", 500],
    ["error", 502],
    ["network_error", 502],
  ])("%s is an error with status %d, worth another try", async (word, status) => {
    for (const delta of [TEXT, CALL, {}]) {
      const { baseUrl, log } = await setUp({ scenario: ending(delta, word) });
      const seen = await ask(baseUrl);
      expect(seen.calls).toEqual([]);
      expect(seen.finish).toBeUndefined();
      expect(seen.error).toMatchObject({ code: status, message: expect.stringContaining(`finish reason "${word}"`) });
      if (how === "streamed") expect(seen.error?.message).toMatch(new RegExp(`^${status} `));
      expect(log.at(-1)?.ending).not.toBe("ok");
    }
  });

  test.each(["", " "])("%j is none: nothing of a call that stops there is handed over", async (word) => {
    const broken = ending(CALL, word, false);
    broken.end();
    const scenario = [ending(TEXT, word), ending(HALF_CALL, word), broken, ending(CALL, word)];
    const { baseUrl, log } = await setUp({ scenario }, { resume: false });
    expect((await ask(baseUrl)).error?.message).toContain("ended the answer without a finish reason");
    const { calls, error } = await ask(baseUrl);
    expect(calls).toEqual([]);
    expect(error?.message).toContain("ended the answer without a finish reason");
    const stopped = await ask(baseUrl);
    expect(stopped.calls).toEqual([]);
    expect(stopped.error?.message).toContain("before the answer had a finish reason");
    // A whole one, and the server's own end.
    expect(await ask(baseUrl)).toMatchObject({ calls: [{ id: "a" }], finish: "tool_calls", error: undefined });
    expect(log.at(-1)?.changes).toEqual(["repaired: no-finish-reason"]);
  });
});

describe("a stream that stays open after its finish reason", () => {
  let server: Server;
  let upstream: string;
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    server = createServer((request, response) => {
      request.resume();
      if (request.url?.endsWith("/chat/completions") === true) answer(response.writeHead(200, SSE));
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    vi.useRealTimers();
    server.closeAllConnections();
    server.close();
  });
  const SSE = { "content-type": "text/event-stream" };

  test.each([
    ["in silence", false],
    ["with comments", true],
  ])("%s: the agent has its answer five seconds later, and the connection is closed", async (_, hasComments) => {
    let open: ServerResponse | undefined;
    const isLeft = new Promise<void>((resolve) => {
      answer = (response) => {
        open = response;
        response.on("close", resolve);
        for (const event of [chunk(TEXT), chunk({}, "stop")]) response.write(`data: ${JSON.stringify(event)}\n\n`);
      };
    });
    const bridge = await startBridge({ upstream });
    let isOver = false;
    const asking = post(bridge.baseUrl ?? "", { ...ASK, stream: true }).finally(() => (isOver = true));
    while (open === undefined) await new Promise((resolve) => setTimeout(resolve, 2));
    let ticks = 0;
    for (; !isOver && ticks < 600; ticks += 1) {
      if (hasComments) open.write(": ping\n\n");
      vi.advanceTimersByTime(100);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(ticks).toBeGreaterThanOrEqual(50);
    expect(ticks).toBeLessThan(600);
    const events = readEvents((await asking).text);
    expect(textOf(events)).toBe("Hello");
    expect(events.at(-1)?.choices?.[0]?.finish_reason).toBe("stop");
    await isLeft;
  });
});
