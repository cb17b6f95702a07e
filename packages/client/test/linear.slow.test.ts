import { ATOMS, complaintsAbout } from "@vllm-tooling/contract";
import { createVllmClient } from "@vllm/client";
import type { ChatParams, VllmClientOptions } from "@vllm/client";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { findBrokenCall } from "../src/broken-calls/find-broken-call.ts";
import { CALL_OPENERS, HARMONY_OPENERS } from "../src/leaked-markup/openers.ts";
import { HARMONY_END, THINK_TAGS } from "../src/leaked-markup/think-tags.ts";
import { TOOL_CALL_MARKERS } from "../src/leaked-markup/tool-call-markers.ts";

/** What stands unrepeated in a pattern. */
const literalsOf = ({ source }: RegExp) =>
  (source.match(/(?:\\[^\w\s]|[^\\()[\]{}?*+|^$.])+/g) ?? []).map((piece) => piece.replaceAll(/\\(?=\W)/g, ""));

/** Every marker that a family has, and beginnings of calls. */
const MARKERS = [
  ...CALL_OPENERS.keys(),
  ...HARMONY_OPENERS.keys(),
  ...HARMONY_END,
  ...THINK_TAGS.flatMap(({ open, close }) => [...open, ...close]),
  ...TOOL_CALL_MARKERS.flatMap(({ pattern }) => literalsOf(pattern)),
];
const BEGINNINGS = [
  '{"name": "f", "arguments": {"a": ["',
  '<tool_call>{"name": "f", "arguments": {"a": "',
  "<tool_call><function=f><parameter=a>",
  "<tool_call>f<arg_key>a</arg_key><arg_value>",
  '<|tool_call>call:f{a:<|"|>',
  "<|tool_call>call:f{a:{",
  "<|python_start|>[f(a=[",
  "[f(a='",
  "<|channel|>analysis<|message|>",
  "<|channel|>final<|message|>{",
  "functions.f:0 {",
  '<invoke name="f"><parameter name="a">',
  "<think></think>",
];

const encoder = new TextEncoder();
const DELTA = 200;

const toTurn = (delta: object, finishReason: string | null = null) =>
  `data: ${JSON.stringify({ id: "1", model: "m", choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`;

/** The bytes of a stream that brings the text in pieces, as a model writes it. */
function toStream(toDelta: (piece: string) => object, finishReason = "stop") {
  return (text: string): Uint8Array[] => {
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < text.length; at += DELTA * 10) {
      let events = "";
      for (let from = at; from < Math.min(text.length, at + DELTA * 10); from += DELTA)
        events += toTurn(toDelta(text.slice(from, from + DELTA)));
      pieces.push(encoder.encode(events));
    }
    return [...pieces, encoder.encode(`${toTurn({}, finishReason)}data: [DONE]\n\n`)];
  };
}

const inPieces = (text: string): Uint8Array[] => {
  const bytes = encoder.encode(text);
  return Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, at) =>
    bytes.subarray(at * 16_384, (at + 1) * 16_384),
  );
};

const JSON_TYPE = { headers: { "content-type": "application/json" } };
const TOOLS: ChatParams["tools"] = [
  { type: "function", function: { name: "f", parameters: { type: "object", properties: { a: { type: "string" } } } } },
];
const RECOVER: Asking = { options: { recover: { thinkTags: true, toolCallText: true } } };

interface Asking {
  options?: VllmClientOptions;
  params?: Partial<ChatParams>;
  answer?: ResponseInit;
}

/** Answers as a socket does: a piece in each turn of the event loop. */
function playing(pieces: readonly Uint8Array[], answer: ResponseInit = {}): NonNullable<VllmClientOptions["fetch"]> {
  return async () => {
    let next = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await nextTurn();
        const piece = pieces[next];
        next += 1;
        if (piece === undefined) controller.close();
        else controller.enqueue(piece.slice());
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" }, ...answer });
  };
}

function clientOf(pieces: readonly Uint8Array[], { options, answer }: Asking) {
  return createVllmClient({ fetch: playing(pieces, answer), retry: { maxRetries: 0 }, model: "m", ...options });
}

function ask(pieces: readonly Uint8Array[], asking: Asking = {}): Promise<unknown> {
  const client = clientOf(pieces, asking);
  return client.complete({ messages: [{ role: "user", content: "x" }], tools: TOOLS, ...asking.params });
}

const content = toStream((piece) => ({ content: piece }));
const call = (piece: string) => ({ tool_calls: [{ index: 0, id: "1", function: { name: "f", arguments: piece } }] });
const whole = (message: object) =>
  inPieces(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "stop" }] }));

test("an answer's text is read in linear time", async () => {
  const pass = { prepare: content, run: (pieces: Uint8Array[]) => ask(pieces) };
  expect([
    ...(await complaintsAbout(pass, [...ATOMS, ...MARKERS, ...BEGINNINGS])),
    ...(await complaintsAbout({ ...pass, sizes: [1_000_000, 10_000_000] }, ["```", " ", "<tool_calls"])),
  ]).toEqual([]);
});

test("and where calls and reasoning are looked for in it", async () => {
  const pass = { prepare: content, run: (pieces: Uint8Array[]) => ask(pieces, RECOVER) };
  expect([
    ...(await complaintsAbout(pass, [...ATOMS, ...MARKERS, ...BEGINNINGS])),
    ...(await complaintsAbout({ ...pass, sizes: [1_000_000, 10_000_000] }, ["```", " ", BEGINNINGS[1] ?? ""])),
  ]).toEqual([]);
});

test.each<[string, string]>([
  ["a call", '<tool_call>{"name": "f", "arguments": {"a": "'],
  ["a call in XML", "<tool_call><function=f><parameter=a>"],
  ["a Python call", "<|python_start|>[f(a="],
  ["Gemma's call", "<|tool_call>call:f{a:"],
  ["the whole answer", "["],
  ["reasoning", "<think>"],
])("and in %s that does not end", async (_, beginning) => {
  const pass = {
    prepare: (text: string) => content(beginning + text),
    run: (pieces: Uint8Array[]) => ask(pieces, RECOVER),
  };
  expect(await complaintsAbout(pass, ATOMS)).toEqual([]);
});

test.each<[string, (text: string) => Uint8Array[]]>([
  ["reasoning", toStream((piece) => ({ reasoning: piece }))],
  ["the arguments of a call", toStream(call)],
  ["arguments that the token limit ended", toStream(call, "length")],
  ["a string in arguments", (text) => toStream(call)(`{"a": ${JSON.stringify(text)}`)],
  ["bytes that are no events", inPieces],
  ["comments", (text) => inPieces(`:${text}\n\n${toTurn({}, "stop")}`)],
  ["an event of many lines", (text) => inPieces(`data: ${text.replaceAll("\n", "\ndata: ")}\n\n`)],
])("%s: read in linear time", async (_, prepare) => {
  expect(await complaintsAbout({ prepare, run: (pieces: Uint8Array[]) => ask(pieces) })).toEqual([]);
});

const ALL = [...ATOMS, ...MARKERS, ...BEGINNINGS];

test.each<[string, (text: string) => Uint8Array[], Asking, string[]?]>([
  ["its text", (text) => whole({ content: text }), {}, ALL],
  ["its text, looked through", (text) => whole({ content: text }), RECOVER, ALL],
  ["its reasoning", (text) => whole({ reasoning: text, content: "x" }), {}],
  ["its arguments", (text) => whole(call(text)), {}],
  [
    "an error",
    (text) => inPieces(JSON.stringify({ error: { message: text, code: 400 } })),
    { answer: { status: 400 } },
  ],
  ["what is no JSON", inPieces, {}],
])("a whole answer, %s: read in linear time", async (_, prepare, { answer, ...asking }, atoms = [...ATOMS]) => {
  const run = (pieces: Uint8Array[]) => ask(pieces, { ...asking, answer: { ...JSON_TYPE, ...answer } });
  // A whole answer is looked through in one turn: 40 ms for a megabyte of nothing but markers, more on a busy machine.
  expect(await complaintsAbout({ prepare, run, mostBlockedMs: 100 }, atoms)).toEqual([]);
});

test.each<[string, (text: string) => ChatParams["messages"]]>([
  ["a user's text", (text) => [{ role: "user", content: text }]],
  ["a tool's result", (text) => [{ role: "tool", tool_call_id: "1", content: text }]],
  [
    "a call's arguments",
    (text) => [
      {
        role: "assistant",
        content: null,
        tool_calls: [{ id: "1", type: "function", function: { name: "f", arguments: text } }],
      },
    ],
  ],
])("a request with %s is written in linear time", async (_, prepare) => {
  const pieces = content("x");
  const run = (messages: ChatParams["messages"]) => ask(pieces, { params: { messages } });
  expect(await complaintsAbout({ prepare, run })).toEqual([]);
});

test("token counts and texts are read in linear time", async () => {
  const answer = (value: object) => inPieces(JSON.stringify(value));
  const client = (pieces: Uint8Array[]) => clientOf(pieces, { answer: JSON_TYPE });
  const count = {
    prepare: (text: string) => answer({ count: 1, tokens: [1], token_strs: [text] }),
    run: (pieces: Uint8Array[]) => client(pieces).tokenize({ prompt: "x" }),
  };
  const read = {
    prepare: (text: string) => answer({ prompt: text }),
    run: (pieces: Uint8Array[]) => client(pieces).detokenize({ tokens: [1] }),
  };
  expect([...(await complaintsAbout(count)), ...(await complaintsAbout(read))]).toEqual([]);
});

test("a call is looked for in linear time", async () => {
  const question = { toolNames: ["f"], findsCalls: true };
  const run = (text: string) => findBrokenCall([{ toolCalls: [], text } as never], question);
  const pass = { prepare: (text: string) => text, run, mostBlockedMs: 100 };
  expect(await complaintsAbout(pass, [...ATOMS, ...MARKERS, "```", "functions.f"])).toEqual([]);
});
