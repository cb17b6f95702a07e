import * as fc from "fast-check";
import { rechunk } from "@vllm-tooling/fixtures";
import { createVllmClient, type ChatParams, type Repair, type VllmClientOptions } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect, mergeDeltas, type Collected } from "./support/collect.ts";
import { playing } from "./support/play.ts";

const tool = (name: string) => ({ type: "function" as const, function: { name, parameters: { type: "object" } } });
const PARAMS: ChatParams = {
  model: "m",
  messages: [{ role: "user", content: "Hello" }],
  tools: [tool("write_file"), tool("now")],
};
const USAGE = { id: "chatcmpl-1", choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } };

type Answer = readonly { delta?: object; message?: object; finish?: unknown }[];

const toEvent = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const toChoice = ({ delta, message, finish = null }: Answer[number]) => ({
  id: "chatcmpl-1",
  model: "m",
  choices: [{ index: 0, ...(delta === undefined ? { message } : { delta }), finish_reason: finish }],
});
const encode = (text: string) => new TextEncoder().encode(text);

function toStream(answer: Answer): Uint8Array {
  return encode([...answer.map(toChoice), USAGE].map(toEvent).join("") + "data: [DONE]\n\n");
}

function ask(
  body: Uint8Array | readonly Uint8Array[],
  type: string,
  options: VllmClientOptions = {},
): Promise<Collected> {
  const fetch = playing({ pieces: body instanceof Uint8Array ? [body] : body, headers: { "content-type": type } });
  return collect(createVllmClient({ fetch, retry: { maxRetries: 0 }, ...options }).chat(PARAMS));
}
const stream = (answer: Answer, options?: VllmClientOptions) => ask(toStream(answer), "text/event-stream", options);
const whole = (message: object, finish: unknown, options?: VllmClientOptions) =>
  ask(encode(JSON.stringify(toChoice({ message, finish }))), "application/json", options);

const call = (text: unknown, { name = "write_file", id = "a", index = 0 as number | undefined } = {}) => ({
  ...(index === undefined ? {} : { index }),
  id,
  type: "function",
  function: { name, arguments: text },
});
const repairsOf = ({ result }: Collected) =>
  result?.warnings.filter(({ code }) => code === "ANSWER_REPAIRED").map(({ reason }) => reason);
const callsOf = ({ result }: Collected) => result?.toolCalls.map(({ name, arguments: given }) => [name, given]);

/** The same answer streamed and whole, its arguments in one delta and character by character. */
async function everyWay(text: string, name = "write_file"): Promise<Collected[]> {
  const characters = [...text].map((each) => ({
    delta: { tool_calls: [{ index: 0, function: { arguments: each } }] },
  }));
  return Promise.all([
    stream([{ delta: { tool_calls: [call(text, { name })] } }, { delta: {}, finish: "tool_calls" }]),
    stream([{ delta: { tool_calls: [call("", { name })] } }, ...characters, { delta: {}, finish: "stop" }]),
    whole({ role: "assistant", content: null, tool_calls: [call(text, { name, index: undefined })] }, "tool_calls"),
  ]);
}

describe("arguments with one reading", () => {
  test.each<[string, Record<string, unknown>, Repair[]]>([
    ['{"text": "one\ntwo\t"}', { text: "one\ntwo\t" }, ["control-characters"]],
    ['{"text": "x"}}', { text: "x" }, ["surplus-brackets"]],
    ['{"text": "one\ntwo"}}]', { text: "one\ntwo" }, ["control-characters", "surplus-brackets"]],
    ["null", {}, ["no-arguments"]],
    ["", {}, ["no-arguments"]],
  ])("%j", async (text, value, repairs) => {
    for (const answer of await everyWay(text)) {
      expect(callsOf(answer)).toEqual([["write_file", value]]);
      expect(answer.result).toMatchObject({ repaired: true, toolCalls: [{ repaired: true }] });
      expect(repairsOf(answer)).toEqual(repairs);
      const sentBack = answer.result?.message.tool_calls?.[0];
      expect(sentBack).toMatchObject({ function: { arguments: expect.any(String) } });
      expect(JSON.parse((sentBack as { function: { arguments: string } }).function.arguments)).toEqual(value);
      expect(answer.events.filter(({ type }) => type === "warning")).toHaveLength(repairs.length);
    }
  });

  test.each(['{"text": "x}', '"text": "x"}', '{"text": "x\ny}', "[null]", "nul", '{"text": "x"}} more'])(
    "%j is refused, and nothing is marked",
    async (text) => {
      for (const answer of await everyWay(text)) {
        expect(callsOf(answer)).toEqual([["write_file", undefined]]);
        expect(answer.result).not.toHaveProperty("repaired");
        expect(answer.result?.toolCalls[0]).not.toHaveProperty("repaired");
        expect(repairsOf(answer)).toEqual([]);
      }
    },
  );

  test("two calls with one fault are one warning", async () => {
    const calls = [call('{"text": "a\nb"}'), call('{"text": "c\nd"}', { id: "b", index: 1 })];
    const answer = await stream([{ delta: { tool_calls: calls }, finish: "tool_calls" }]);
    expect(callsOf(answer)).toEqual([
      ["write_file", { text: "a\nb" }],
      ["write_file", { text: "c\nd" }],
    ]);
    expect(repairsOf(answer)).toEqual(["control-characters"]);
  });

  test("a repair proves no call that was cut", async () => {
    for (const text of ['{"text": "a\nb"}}', "", "null"]) {
      const answer = await stream([{ delta: { tool_calls: [call(text)] }, finish: "length" }]);
      expect(answer.result?.toolCalls).toMatchObject([{ arguments: undefined, parseError: { kind: "length" } }]);
      expect(repairsOf(answer)).toEqual([]);
    }
  });
});

describe("a name with markup around it", () => {
  test.each([
    "write_file<|channel|>commentary",
    "write_file<|constrain|>json",
    "write_file<|channel|>analysis",
    "write_file <|message|>",
    "functions.write_file",
    "functions.write_file<|channel|>commentary",
    "functions.write_file:3",
  ])("%s is the request's tool", async (name) => {
    for (const answer of await everyWay('{"text": "x"}', name)) {
      expect(callsOf(answer)).toEqual([["write_file", { text: "x" }]]);
      expect(repairsOf(answer)).toEqual(["tool-name"]);
      expect(answer.result?.toolCalls[0]?.repaired).toBe(true);
      expect(answer.events.find(({ type }) => type === "toolcall_start")).toMatchObject({ name: "write_file" });
    }
  });

  test.each(["write_files<|channel|>commentary", "delete_all<|channel|>commentary", "<|channel|>", "write", "my.now"])(
    "%s stays what it is",
    async (name) => {
      for (const answer of await everyWay('{"text": "x"}', name)) {
        expect(answer.result?.toolCalls).toMatchObject([{ name }]);
        expect(repairsOf(answer)).toEqual([]);
      }
    },
  );
});

describe("an entry without id, name and arguments", () => {
  const EMPTY = [
    { id: "", type: "", function: { name: "", arguments: "" } },
    { id: null, type: null, function: null },
    { type: "function" },
    {},
  ];
  const CALL = call('{"text": "x"}');

  test.each([undefined, 0, 1, 7])("opens nothing, with index %s", async (index) => {
    for (const fields of EMPTY) {
      const empty = index === undefined ? fields : { ...fields, index };
      for (const answer of [
        [{ delta: { tool_calls: [CALL, empty] } }, { delta: {}, finish: "tool_calls" }],
        [{ delta: { tool_calls: [empty, CALL] } }, { delta: {}, finish: "tool_calls" }],
        [{ delta: { tool_calls: [CALL] } }, { delta: { tool_calls: [empty] }, finish: "tool_calls" }],
        [{ delta: { tool_calls: [empty] } }, { delta: { tool_calls: [CALL] }, finish: "tool_calls" }],
      ]) {
        expect(callsOf(await stream(answer))).toEqual([["write_file", { text: "x" }]]);
      }
      const text = await stream([{ delta: { content: "Hello", tool_calls: [empty] }, finish: "stop" }]);
      expect(text.result).toMatchObject({ text: "Hello", toolCalls: [], repaired: true });
      expect(repairsOf(text)).toEqual(["empty-call"]);
      const message = await whole({ content: "Hello", tool_calls: [empty] }, "stop");
      expect(message.result).toMatchObject({ text: "Hello", toolCalls: [] });
    }
  });

  test("a call whose id or name comes alone is one", async () => {
    const answer = await stream([
      { delta: { tool_calls: [{ index: 0, id: "a" }] } },
      { delta: { tool_calls: [{ index: 0, function: { name: "now", arguments: "{}" } }] }, finish: "tool_calls" },
    ]);
    expect(callsOf(answer)).toEqual([["now", {}]]);
    expect(repairsOf(answer)).toEqual([]);
  });
});

describe("calls without an index", () => {
  const entry = (fields: { id?: string; name?: string; text?: string }) => ({
    ...(fields.id === undefined ? {} : { id: fields.id }),
    function: {
      ...(fields.name === undefined ? {} : { name: fields.name }),
      ...(fields.text === undefined ? {} : { arguments: fields.text }),
    },
  });
  const read = (...lists: (readonly object[])[]) =>
    stream([...lists.map((list) => ({ delta: { tool_calls: list } })), { delta: {}, finish: "tool_calls" }]);
  const A = { id: "a", name: "write_file" };
  const B = { id: "b", name: "now" };

  test.each<[string, (readonly object[])[]]>([
    [
      "one after another",
      [[entry(A)], [entry({ text: '{"x"' })], [entry({ text: ":1}" })], [entry(B)], [entry({ text: '{"x":2}' })]],
    ],
    ["whole", [[entry({ ...A, text: '{"x":1}' })], [entry({ ...B, text: '{"x":2}' })]]],
    ["in one list", [[entry({ ...A, text: '{"x":1}' }), entry({ ...B, text: '{"x":2}' })]]],
    [
      "mixed, by id",
      [
        [entry(A)],
        [entry(B)],
        [entry({ id: "a", text: '{"x"' })],
        [entry({ id: "b", text: '{"x":2}' })],
        [entry({ id: "a", text: ":1}" })],
      ],
    ],
    [
      "mixed, by position",
      [
        [entry(A), entry(B)],
        [entry({ text: '{"x"' }), entry({ text: '{"x"' })],
        [entry({ text: ":1}" }), entry({ text: ":2}" })],
      ],
    ],
    [
      "by position, then one alone",
      [[entry(A), entry(B)], [entry({ text: '{"x":1}' })], [entry({ id: "b", text: '{"x":2}' })]],
    ],
    [
      "names without ids",
      [[entry({ name: "write_file", text: '{"x":1}' })], [entry({ name: "now", text: '{"x":2}' })]],
    ],
    [
      "ids that come late",
      [
        [entry({ name: "write_file" })],
        [entry({ id: "a", text: '{"x":1}' })],
        [entry({ name: "now" })],
        [entry({ id: "b", text: '{"x":2}' })],
      ],
    ],
    [
      "an id of its own in every delta",
      [[entry(A)], [entry({ id: "a2", text: '{"x":1}' })], [entry(B)], [entry({ id: "b2", text: '{"x":2}' })]],
    ],
    [
      "id and name repeated",
      [[entry(A)], [entry({ ...A, text: '{"x":1}' })], [entry(B)], [entry({ ...B, text: '{"x":2}' })]],
    ],
  ])("%s", async (_, lists) => {
    const answer = await read(...lists);
    expect(callsOf(answer)).toEqual([
      ["write_file", { x: 1 }],
      ["now", { x: 2 }],
    ]);
    expect(repairsOf(answer)).toEqual(["no-index"]);
    expect(answer.result?.toolCalls.every(({ repaired }) => repaired)).toBe(true);
  });

  test("two calls with one id in one list are two", async () => {
    const list = [entry({ ...A, text: '{"x":1}' }), entry({ ...A, text: '{"x":2}' })];
    expect(callsOf(await read(list))).toEqual([
      ["write_file", { x: 1 }],
      ["write_file", { x: 2 }],
    ]);
  });

  test("what cannot be told apart is refused, not guessed", async () => {
    const twice = entry({ name: "now", text: '{"x":1}' });
    expect(callsOf(await read([twice], [twice]))).toEqual([["now", undefined]]);
  });

  test("in an answer that is not streamed nothing is missing", async () => {
    const list = [entry({ ...A, text: '{"x":1}' }), entry({ ...B, text: '{"x":2}' })];
    const answer = await whole({ content: null, tool_calls: list }, "tool_calls");
    expect(callsOf(answer)).toHaveLength(2);
    expect(answer.result).not.toHaveProperty("repaired");
    expect(repairsOf(answer)).toEqual([]);
  });
});

describe("content as a list of parts", () => {
  const text = (value: string) => ({ type: "text", text: value });
  const PARTS = [
    { type: "thinking", thinking: [text("H"), text("mm")] },
    { type: "image_url", image_url: { url: "data:," } },
    text("Hel"),
    { type: "text" },
    null,
    text("lo"),
  ];

  test("text and reasoning are read", async () => {
    const streamed = await stream([
      ...PARTS.map((part) => ({ delta: { content: [part] } })),
      { delta: { content: [] } },
      { delta: { content: "" }, finish: "stop" },
    ]);
    for (const answer of [streamed, await whole({ content: PARTS }, "stop")]) {
      expect(answer.result).toMatchObject({ text: "Hello", thinking: "Hmm", repaired: true });
      expect(repairsOf(answer)).toEqual(["content-parts"]);
    }
  });

  test("reasoning as one text, and markup in the text", async () => {
    const parts = [
      { type: "thinking", thinking: "Hmm" },
      text('<tool_call>{"name": "now", "arguments": {}}</tool_call>'),
    ];
    const answer = await whole({ content: parts }, "stop", { recover: { toolCallText: true } });
    expect(answer.result).toMatchObject({ thinking: "Hmm", text: "", toolCalls: [{ name: "now", recovered: true }] });
  });
});

describe("no finish reason", () => {
  const CALL = { delta: { tool_calls: [call('{"text": "x"}')] } };

  test("whole calls and [DONE] are an answer", async () => {
    const answers = [
      await stream([{ delta: { content: "I write." } }, CALL]),
      await whole({ tool_calls: [call('{"text": "x"}')] }, null),
    ];
    for (const answer of answers) {
      expect(callsOf(answer)).toEqual([["write_file", { text: "x" }]]);
      expect(answer.result).toMatchObject({ finishReason: "tool_calls", ending: "complete", repaired: true });
      expect(repairsOf(answer)).toEqual(["no-finish-reason"]);
    }
  });

  test.each([null, "", 1, { a: 1 }, ["stop"]])("is one that is no word, too: %j", async (reason) => {
    const message = { content: "\n\n", reasoning: "Hmm", tool_calls: [call('{"text": "x"}')] };
    const answer = await whole(message, reason, { recover: { thinkTags: true, toolCallText: true } });
    expect(callsOf(answer)).toEqual([["write_file", { text: "x" }]]);
    expect(repairsOf(answer)).toEqual(["no-finish-reason"]);
  });

  test.each<[string, Answer]>([
    ["text alone", [{ delta: { content: "Hel" } }]],
    ["text behind the call", [CALL, { delta: { content: "Hel" } }]],
    ["half a call", [{ delta: { tool_calls: [call('{"text": "x')] } }]],
    ["half a call behind a whole one", [CALL, { delta: { tool_calls: [call('{"te', { id: "b", index: 1 })] } }]],
    ["a call that would have to be repaired", [{ delta: { tool_calls: [call('{"text": "x"}}')] } }]],
    ["a call before its arguments", [{ delta: { tool_calls: [call("")] } }]],
    ["a call without a name", [{ delta: { tool_calls: [call("{}", { name: "" })] } }]],
    ["reasoning alone", [{ delta: { reasoning: "Hmm" } }]],
    ["nothing", [{ delta: {} }]],
  ])("%s is not: the error says what is true", async (_, answer) => {
    const { error } = await stream(answer);
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", isRetryable: true });
    expect(error?.message).toMatch(/ended the answer without a finish reason/);
  });

  test("a call at the token limit proves nothing", async () => {
    const fetch = playing({ pieces: [toStream([CALL])] });
    const reply = createVllmClient({ fetch, retry: { maxRetries: 0 } }).chat({ ...PARAMS, max_tokens: 2 });
    expect((await collect(reply)).error?.code).toBe("STREAM_ENDED_EARLY");
  });
});

describe("integers beyond 2^53", () => {
  const TEXT = '{"channel": 1361234567890123457, "list": [-9007199254740993, 1, 0.5], "text": "9007199254740993"}';

  test("are rounded with a warning, and the text keeps them", async () => {
    for (const answer of await everyWay(TEXT)) {
      expect(answer.result?.warnings.map(({ code }) => code)).toEqual(["INTEGER_ROUNDED"]);
      expect(answer.result?.toolCalls[0]?.argumentsText).toBe(TEXT);
      expect(answer.result?.toolCalls[0]?.arguments?.["channel"]).toBeTypeOf("number");
      expect(answer.result).not.toHaveProperty("repaired");
    }
  });

  test.each(["9".repeat(400), "-9007199254740993", "9007199254740993"])("%s alone is one", async (digits) => {
    for (const answer of await everyWay(`{"a": {"b": [${digits}]}}`)) {
      expect(answer.result?.warnings.map(({ code }) => code)).toEqual(["INTEGER_ROUNDED"]);
    }
  });

  test("are exact where that is asked for", async () => {
    const answer = [{ delta: { tool_calls: [call(TEXT)] }, finish: "tool_calls" }];
    const { result } = await stream(answer, { largeIntegers: "bigint" });
    expect(result?.toolCalls[0]?.arguments).toEqual({
      channel: 1361234567890123457n,
      list: [-9007199254740993n, 1, 0.5],
      text: "9007199254740993",
    });
    expect(result?.warnings).toEqual([]);
  });

  test.each([
    '{"a": 9007199254740991}',
    '{"a": "1361234567890123457"}',
    '{"a": 1361234567890123457.5}',
    '{"a": 1e300}',
    '{"1361234567890123457": 1}',
    '{"a": "\\"", "b": "1361234567890123457"}',
  ])("%s has none", async (text) => {
    for (const answer of await everyWay(text)) expect(answer.result?.warnings).toEqual([]);
  });
});

test("the bytes may be split anywhere", async () => {
  const answer: Answer = [
    {
      delta: {
        content: [
          { type: "thinking", thinking: "Grüße" },
          { type: "text", text: "東京 " },
        ],
      },
    },
    { delta: { tool_calls: [{ ...call("", { name: "write_file<|channel|>commentary" }), index: undefined }] } },
    { delta: { tool_calls: [{ function: { arguments: '{"text": "one\n' } }] } },
    { delta: { tool_calls: [{ function: { arguments: 'zwei ü", "id": 9007199254740993}}' } }, {}] } },
    { delta: { tool_calls: [{ ...call("null", { name: "now", id: "b" }), index: undefined }] } },
    { delta: {}, finish: "tool_calls" },
  ];
  const body = toStream(answer);
  const expected = await ask(body, "text/event-stream");
  expect(repairsOf(expected)).toEqual([
    "content-parts",
    "tool-name",
    "no-index",
    "empty-call",
    "control-characters",
    "surplus-brackets",
    "no-arguments",
  ]);
  expect(callsOf(expected)).toEqual([
    ["write_file", { text: "one\nzwei ü", id: 9007199254740992 }],
    ["now", {}],
  ]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
      const split = await ask([...rechunk(body, sizes)], "text/event-stream");
      expect(mergeDeltas(split.events)).toEqual(mergeDeltas(expected.events));
    }),
    { numRuns: 60 },
  );
});
