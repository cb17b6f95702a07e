import {
  createVllmClient,
  type ChatEvent,
  type ChatParams,
  type LearnedFacts,
  type VllmClientOptions,
} from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect, type Collected } from "./support/collect.ts";
import { serveScript, type ScriptedAnswer, type ScriptedServer } from "./support/scripted-server.ts";

const PARAMS: ChatParams = {
  model: "m",
  messages: [{ role: "user", content: "The weather in Paris?" }],
  tools: [{ type: "function", function: { name: "get_weather" } }],
};
const WHOLE = '{"city":"Paris"}';

interface Written {
  text?: string;
  reasoning?: string;
  /** The arguments of its calls. */
  calls?: readonly string[];
  finish?: string;
  usage?: object | undefined;
}

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

function toCalls(calls: readonly string[]): object[] {
  return calls.map((text, index) => ({
    index,
    id: `call-${index}`,
    type: "function",
    function: { name: "get_weather", arguments: text },
  }));
}

/** One answer in two deltas for each call, with its usage in the last chunk. */
function streamed({ text, reasoning, calls = [], finish = "tool_calls", usage = USAGE }: Written): ScriptedAnswer {
  const deltas = [
    ...(reasoning === undefined ? [] : [{ reasoning }]),
    ...(text === undefined ? [] : [{ content: text }]),
    ...toCalls(calls).map((call) => ({ tool_calls: [call] })),
  ];
  const head = { id: "chatcmpl-1", model: "m" };
  return {
    body: [
      ...deltas.map((delta) => ({ ...head, choices: [{ index: 0, delta, finish_reason: null }] })),
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: finish }] },
      { ...head, choices: [], usage },
    ],
  };
}

function whole({ text = "", calls = [], finish = "tool_calls", usage = USAGE }: Written): ScriptedAnswer {
  const message = { role: "assistant", content: text, ...(calls.length === 0 ? {} : { tool_calls: toCalls(calls) }) };
  return { body: { id: "chatcmpl-1", model: "m", choices: [{ index: 0, message, finish_reason: finish }], usage } };
}

const refused = (message: string): ScriptedAnswer => ({
  status: 400,
  body: { error: { message, type: "BadRequestError", code: 400 } },
});

const TRUNCATED = streamed({ text: "I look.", reasoning: "Hm.", calls: ['{"city":'], finish: "length" });
const GOOD = streamed({ text: "Again.", calls: [WHOLE] });

describe.each<[string, VllmClientOptions]>([
  ["over Node's sockets", {}],
  ["over fetch", { fetch: globalThis.fetch }],
])("a broken call, %s", (_, transport) => {
  async function ask(
    answers: readonly ScriptedAnswer[],
    params: Partial<ChatParams> = {},
    options: VllmClientOptions = {},
  ): Promise<Collected & ScriptedServer & { learned: LearnedFacts[] }> {
    const served = await serveScript(...answers);
    const learned: LearnedFacts[] = [];
    const client = createVllmClient({ ...transport, baseUrl: served.baseUrl, brokenCalls: "retry", ...options });
    const reply = client.chat({ ...PARAMS, ...params }, { onLearned: (facts) => learned.push(facts) });
    return { ...(await collect(reply)), ...served, learned };
  }

  test("is reported unless the client is told to ask again", async () => {
    for (const brokenCalls of ["report", undefined] as const) {
      const { result, bodies, events } = await ask([TRUNCATED, GOOD], {}, { brokenCalls });
      expect(bodies).toHaveLength(1);
      expect(result?.toolCalls).toMatchObject([{ arguments: undefined, parseError: { kind: "length" } }]);
      expect(result).not.toHaveProperty("lastUsage");
      expect(kinds(events)).toContain("toolcall_delta");
    }
  });

  test("is asked for again once, the model is told why, and nothing of it is handed over", async () => {
    const { events, result, bodies } = await ask([TRUNCATED, GOOD]);
    expect(bodies).toHaveLength(2);
    const [, answer, why] = sentMessages(bodies[1]);
    expect(answer).toMatchObject({ role: "assistant", content: "I look.", reasoning: "Hm." });
    expect(why).toMatchObject({ role: "tool", tool_call_id: "call-0" });
    expect(why?.["content"]).toContain("token limit was reached");

    expect(kinds(events)).toEqual([
      "start",
      "thinking_start",
      "thinking_delta",
      "thinking_end",
      "text_start",
      "text_delta",
      "text_end",
      // The second one: the broken arguments went back to the model in a form that chat templates can read.
      "warning",
      "warning",
      "text_start",
      "text_delta",
      "text_end",
      "toolcall_start",
      "toolcall_delta",
      "toolcall_end",
      "done",
    ]);
    expect(events.find(({ type }) => type === "warning")).toMatchObject({
      warning: { code: "BROKEN_CALL_RETRIED", reason: "length", message: expect.stringContaining("get_weather") },
    });
    expect(numbersOf(events)).toEqual([0, 1, 3, 4]);
    expect(result).toMatchObject({
      text: "Again.",
      toolCalls: [{ arguments: { city: "Paris" } }],
      warnings: [{ code: "history-rewritten" }, { code: "BROKEN_CALL_RETRIED" }],
    });
  });

  test("costs what both answers cost", async () => {
    const details = (cached: number) => ({
      prompt_tokens: 100,
      completion_tokens: 7,
      total_tokens: 107,
      prompt_tokens_details: { cached_tokens: cached },
    });
    const first = { ...TRUNCATED, body: [...(TRUNCATED.body as object[]).slice(0, -1), usageChunk(details(1))] };
    const second = streamed({ calls: [WHOLE], usage: details(90) });
    const { result } = await ask([first, second]);
    expect(result?.usage).toEqual({
      prompt_tokens: 200,
      completion_tokens: 14,
      total_tokens: 214,
      prompt_tokens_details: { cached_tokens: 91 },
    });
    expect(result?.lastUsage).toEqual(details(90));
    const silent = { ...GOOD, body: (GOOD.body as object[]).slice(0, -1) };
    expect((await ask([first, silent])).result).toMatchObject({ usage: details(1) });
  });

  test("calls wait for the end of their answer, whole", async () => {
    const { events, result } = await ask([streamed({ calls: [WHOLE, "{}"], text: "Look." })]);
    const calls = events.filter(({ type }) => type.startsWith("toolcall"));
    expect(kinds(calls)).toEqual([
      "toolcall_start",
      "toolcall_start",
      "toolcall_delta",
      "toolcall_end",
      "toolcall_delta",
      "toolcall_end",
    ]);
    expect(calls.flatMap((event) => (event.type === "toolcall_delta" ? [event.delta] : []))).toEqual([WHOLE, "{}"]);
    expect(result?.toolCalls.map((call) => call.arguments)).toEqual([{ city: "Paris" }, {}]);
  });

  test.each<[string, Written]>([
    ["bad JSON", { calls: ["{city: Paris}"] }],
    ["half of one", { calls: ['{"city":'], finish: "stop" }],
    ["no object", { calls: ['"Paris"'] }],
    ["an unknown finish reason", { calls: [WHOLE], finish: "banana" }],
    ["repetition", { calls: [WHOLE], finish: "repetition" }],
    ["a broken one after a whole one", { calls: [WHOLE, '{"city":'], finish: "length" }],
  ])("%s is asked for again, streamed and not", async (_what, written) => {
    for (const [stream, play] of [
      [true, streamed],
      [false, whole],
    ] as const) {
      const { result, bodies } = await ask([play(written), play({ calls: [WHOLE] })], { stream });
      expect(bodies).toHaveLength(2);
      expect(result?.toolCalls).toMatchObject([{ arguments: { city: "Paris" } }]);
      expect(bodies[1]?.["messages"]).toHaveLength(2 + (written.calls?.length ?? 0));
    }
  });

  test("broken twice ends the reply with an error that holds it", async () => {
    const { error, bodies, events } = await ask([TRUNCATED]);
    expect(bodies).toHaveLength(2);
    expect(error).toMatchObject({
      code: "STREAM_MALFORMED",
      reason: "broken-call",
      isRetryable: false,
      message: expect.stringContaining("not complete, twice"),
      hint: expect.stringContaining("max_tokens"),
      partial: { text: "I look.", toolCalls: [{ argumentsText: '{"city":', parseError: { kind: "length" } }] },
    });
    expect(error?.partial?.toolCalls[0]?.arguments).toBeUndefined();
    expect(kinds(events).some((kind) => kind.startsWith("toolcall"))).toBe(false);
    const unknown = await ask([streamed({ calls: [WHOLE], finish: "banana" })]);
    expect(unknown.error?.message).toContain('"banana"');
  });

  test("of several answers, none can be asked for alone", async () => {
    const choices = [WHOLE, '{"city":'].map((text, index) => ({
      index,
      message: { role: "assistant", content: null, tool_calls: toCalls([text]) },
      finish_reason: "tool_calls",
    }));
    const two = { body: { id: "chatcmpl-1", model: "m", choices } };
    const { error, bodies } = await ask([two], { stream: false, n: 2 });
    expect(bodies).toHaveLength(1);
    expect(error).toMatchObject({ reason: "broken-call" });
    expect(error?.message).not.toContain("twice");
    expect(error?.partial?.toolCalls.map((call) => call.arguments)).toEqual([undefined, undefined]);
  });

  test("may be left to the model by a request of its own", async () => {
    const served = await serveScript(TRUNCATED, GOOD);
    const client = createVllmClient({ ...transport, baseUrl: served.baseUrl });
    const { toolCalls } = await client.complete(PARAMS, { brokenCalls: "retry" });
    expect(toolCalls).toMatchObject([{ arguments: { city: "Paris" } }]);
  });

  describe("that is left in the text", () => {
    const half = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par';

    test("vLLM 0.32, not streamed: one that was stopped by repetition is asked for again", async () => {
      const stopped = whole({ text: `${half} Par Par`, finish: "repetition" });
      const { result, bodies } = await ask([stopped, whole({ calls: [WHOLE] })], { stream: false });
      expect(sentMessages(bodies[1]).slice(-2)).toMatchObject([
        { role: "assistant", content: expect.stringContaining("<tool_call>") },
        { role: "user", content: expect.stringContaining("not complete, so nothing was run") },
      ]);
      expect(result?.toolCalls).toMatchObject([{ arguments: { city: "Paris" } }]);
      expect(result?.warnings).toContainEqual(
        expect.objectContaining({ code: "BROKEN_CALL_RETRIED", reason: "in-text" }),
      );
      expect((await ask([stopped], { stream: false })).error).toMatchObject({ reason: "broken-call" });
    });

    const find = { recover: { toolCallText: true } };

    test.each<[string, Written, VllmClientOptions, number]>([
      ["half, where whole ones are found", { text: half, finish: "stop" }, find, 2],
      ["half, without a marker", { text: '{"name": "get_weather", "parameters": {"ci', finish: "stop" }, find, 2],
      ["half, by the limit", { text: half, finish: "length" }, {}, 2],
      ["whole, of a server with the wrong parser", { text: `${half}is"}}\n</tool_call>`, finish: "stop" }, {}, 1],
      ["of no tool of the request", { text: half.replace("get_weather", "rm"), finish: "length" }, find, 1],
      ["in code", { text: `\`\`\`\n${half}\n\`\`\``, finish: "length" }, find, 1],
      ["talked about", { text: "I call get_weather.", finish: "length" }, find, 1],
    ])("%s", async (_what, written, options, requests) => {
      expect((await ask([streamed(written), GOOD], {}, options)).bodies).toHaveLength(requests);
    });

    test("is none where calls are forbidden", async () => {
      const answer = streamed({ text: half, finish: "length" });
      expect((await ask([answer, GOOD], { tool_choice: "none" })).bodies).toHaveLength(1);
      expect((await ask([answer, GOOD], { tools: [] })).bodies).toHaveLength(1);
    });
  });

  describe("what the server refuses", () => {
    const messages: ChatParams["messages"] = [
      { role: "system", content: "One." },
      { role: "user", content: "Hello" },
      { role: "system", content: "Two." },
      { role: "user", content: "There" },
    ];
    const REFUSED_HISTORY = refused("Conversation roles must alternate user/assistant/user/assistant/...");

    test("a history is sent again once in the plainest form, and the caller learns of it", async () => {
      const { result, bodies, learned } = await ask([REFUSED_HISTORY, GOOD], { messages });
      expect(sentMessages(bodies[1]).map(({ role }) => role)).toEqual(["system", "user"]);
      expect(result?.warnings.map(({ code }) => code)).toContain("HISTORY_MADE_PLAIN");
      expect(learned).toMatchObject([{ history: { value: { laterSystem: "rejected" }, source: "learned" } }]);
      const again = await ask([REFUSED_HISTORY], { messages });
      expect(again.bodies).toHaveLength(2);
      expect(again.error?.code).toBe("CHAT_TEMPLATE_REJECTED");
    });

    test("a system message that the template has no place for goes into the first user message", async () => {
      const noSystem = refused("System role not supported");
      const { result, bodies, learned } = await ask([noSystem, GOOD], { messages });
      expect(sentMessages(bodies[1])).toEqual([{ role: "user", content: "One.\n\nTwo.\n\nHello\n\nThere" }]);
      expect(result?.warnings.map(({ code }) => code)).toContain("HISTORY_MADE_PLAIN");
      expect(learned).toMatchObject([{ history: { value: { firstSystem: "rejected" }, source: "learned" } }]);
    });

    test("a history is reported unless the client is told to ask again", async () => {
      const { error, bodies, learned } = await ask([REFUSED_HISTORY], { messages }, { brokenCalls: "report" });
      expect([error?.code, bodies.length, learned]).toEqual(["CHAT_TEMPLATE_REJECTED", 1, []]);
    });

    test("tools go into the prompt, and a broken call of that answer is asked for in the same form", async () => {
      const noParser = refused(
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      );
      const half = streamed({ text: '<tool_call>{"name": "get_weather", "argu', finish: "length" });
      const found = streamed({ text: `<tool_call>{"name": "get_weather", "arguments": ${WHOLE}}</tool_call>` });
      const { result, bodies, learned } = await ask([noParser, half, found], {}, { recover: { toolCallText: true } });
      expect(bodies.map((body) => body["tool_choice"])).toEqual([undefined, "none", "none"]);
      expect(learned).toMatchObject([{ toolCalling: { value: "no", source: "learned" } }]);
      expect(result?.toolCalls).toMatchObject([{ recovered: true, arguments: { city: "Paris" } }]);
      expect(result?.warnings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(["tools-in-text", "BROKEN_CALL_RETRIED"]),
      );
    });

    test("onLearned that throws ends the reply", async () => {
      const { baseUrl } = await serveScript(REFUSED_HISTORY, GOOD);
      const cause = new Error("mine");
      const onLearned = () => {
        throw cause;
      };
      const reply = createVllmClient({ ...transport, baseUrl, brokenCalls: "retry" }).chat(
        { ...PARAMS, messages },
        { onLearned },
      );
      expect((await collect(reply)).error).toMatchObject({ code: "INVALID_REQUEST", cause });
    });
  });

  test("an abort while the model is asked again ends the reply once", async () => {
    const { baseUrl } = await serveScript(TRUNCATED, GOOD);
    const abort = new AbortController();
    const client = createVllmClient({ ...transport, baseUrl, brokenCalls: "retry" });
    const reply = client.chat(PARAMS, { signal: abort.signal });
    const ended = reply.forEach(({ type }) => {
      if (type === "warning") abort.abort();
    });
    await expect(ended).rejects.toMatchObject({ code: "ABORTED" });
  });
});

const kinds = (events: readonly ChatEvent<unknown>[]): string[] => events.map(({ type }) => type);

/** Numbers of the blocks, in the order in which they begin. */
function numbersOf(events: readonly ChatEvent<unknown>[]): number[] {
  return events.flatMap((event) =>
    "contentIndex" in event && event.type.endsWith("_start") ? [event.contentIndex] : [],
  );
}

function usageChunk(usage: object): object {
  return { id: "chatcmpl-1", model: "m", choices: [], usage };
}

function sentMessages(body: Record<string, unknown> | undefined): Record<string, unknown>[] {
  return (body?.["messages"] ?? []) as Record<string, unknown>[];
}
