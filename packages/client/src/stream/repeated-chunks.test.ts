import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createByteBlock, createPortableByteBlock } from "@vllm/transport/internal";
import type { ChunkSink, StreamControl } from "./chunk-sink.ts";
import { ChunkDecoder } from "./decode-chunk.ts";
import { readSinglePayload } from "./payload.ts";
import type { WireChunk } from "./wire-chunk.ts";

type Seen = unknown[];

/** Frames are learnt only once a stream is worth it. */
const WARM_UP = Array.from({ length: 8 }, () => '{"choices":[]}');

function feed(decoder: ChunkDecoder, event: Uint8Array, create = createByteBlock): void {
  const block = create(event);
  decoder.onEvent(block, 0, block.latin1.length, undefined);
}

/** What the decoder tells for these events, chunks with one payload told as that payload, so that both paths speak alike. */
function decode(events: readonly string[], fast: boolean, create = createByteBlock): { seen: Seen; parsed: number } {
  const seen: Seen = [];
  let parsed = 0;
  const sink: ChunkSink & StreamControl = {
    onChunk(chunk) {
      parsed += 1;
      const payload = readSinglePayload(chunk);
      if (payload === undefined) seen.push(chunk);
      else seen.push(payload);
    },
    onText: (choiceIndex, value) => seen.push({ kind: "text", choiceIndex, value }),
    onThinking: (choiceIndex, value) => seen.push({ kind: "thinking", choiceIndex, value }),
    onArguments: (choiceIndex, callIndex, value) => seen.push({ kind: "arguments", choiceIndex, callIndex, value }),
    onErrorEvent: (value) => seen.push({ error: value }),
    onDone: () => seen.push("done"),
    onMalformed: () => seen.push("malformed"),
  };
  const decoder = new ChunkDecoder({ chunks: sink, control: sink, fast });
  for (const event of [...WARM_UP, ...events]) feed(decoder, new TextEncoder().encode(event), create);
  return { seen: seen.slice(WARM_UP.length), parsed: parsed - WARM_UP.length };
}

function expectSame(events: readonly string[]): number {
  const slow = decode(events, false).seen.filter((item) => !isEmptyPayload(item));
  const fast = decode(events, true);
  expect(fast.seen.filter((item) => !isEmptyPayload(item))).toEqual(slow);
  expect(decode(events, true, createPortableByteBlock).seen.filter((item) => !isEmptyPayload(item))).toEqual(slow);
  return fast.parsed;
}

/** A chunk whose delta is an empty string says nothing on either path. */
function isEmptyPayload(item: unknown): boolean {
  const delta = (item as WireChunk).choices?.[0]?.delta;
  if (delta === undefined || delta === null) return false;
  const { content, reasoning, reasoning_content: older, tool_calls: calls } = delta;
  return (
    !content &&
    !reasoning &&
    !older &&
    !(calls ?? []).some((call) => call.id || call.function?.name || call.function?.arguments)
  );
}

const HEAD = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[';
const content = (text: string) =>
  `${HEAD}{"index":0,"delta":{"content":${JSON.stringify(text)}},"logprobs":null,"finish_reason":null,"token_ids":null}]}`;
const reasoning = (text: string) =>
  `${HEAD}{"index":0,"delta":{"reasoning":${JSON.stringify(text)}},"logprobs":null,"finish_reason":null}]}`;
const argument = (text: string, index = 0) =>
  `${HEAD}{"index":0,"delta":{"content":null,"tool_calls":[{"index":${index},"function":{"arguments":${JSON.stringify(text)}}}]},"logprobs":null,"finish_reason":null}]}`;

describe("the fast path", () => {
  test("parses one event of a kind, and takes the others", () => {
    const words = Array.from({ length: 100 }, (_, turn) => ` word${turn}`);
    expect(expectSame([...words.map(reasoning), ...words.map(content), ...words.map((word) => argument(word))])).toBe(
      3,
    );
  });

  test("reads every string as JSON does", () => {
    const strings = [
      "",
      "a",
      '"',
      "\\",
      '\\"',
      "\n\t\b",
      "é",
      "東京",
      "😀",
      "\u2028",
      "\u0000",
      "data: [DONE]",
      '"},"x":{"',
      "x".repeat(5000),
      "\uD83D",
    ];
    expect(expectSame(["first", ...strings].map(content))).toBe(1);
  });

  test("takes escapes of other writers too", () => {
    const raw = (text: string) => content("@").replace('"@"', `"${text}"`);
    expectSame([content("first"), raw("\\u00e9\\ud83d\\ude00"), raw("\\/"), raw("\\ud83d"), raw('\\\\\\"')]);
  });

  test.each([
    ["a bare quote", '"a"b"'],
    ["a control character", '"a\u0001b"'],
    ["a line break", '"a\nb"'],
    ["an unknown escape", String.raw`"a\qb"`],
    ["a lone backslash", String.raw`"a\"`],
    ["no string", "5"],
    ["null", "null"],
    ["an object", '{"a":"b"}'],
    ["more fields", '"a","role":"assistant"'],
    ["another content", '"a","content":"b"'],
    ["another choice", '"a"}},{"index":1,"delta":{"content":"b"'],
    ["another finish", '"a"},"finish_reason":"stop","x":{"y":"z"'],
    ["an error", '"a"}}],"error":{"message":"e"},"x":[{"delta":{"content":"b"'],
  ])("%s in the place of the string is parsed like everything else", (_, value) => {
    expectSame([content("first"), content("@").replace('"@"', value), content("last")]);
  });

  test("learns nothing from chunks that hold more than one thing", () => {
    const usage = (turn: number) =>
      content("a").replace(/}$/, `,"usage":{"prompt_tokens":1,"completion_tokens":${turn}}}`);
    expect(expectSame([1, 2, 3, 4].map(usage))).toBe(4);
    const both = (text: string) =>
      content(text).replace('"content"', `"reasoning_content":${JSON.stringify(text)},"reasoning"`);
    expect(expectSame(["a", "b", "c"].map(both))).toBe(3);
    const logprobs = (text: string) => content(text).replace('"logprobs":null', '"logprobs":{"content":[]}');
    expect(expectSame(["a", "b", "c"].map(logprobs))).toBe(3);
    const error = (text: string) => content(text).replace(/}$/, ',"error":{"message":"e"}}');
    expect(decode([error("a"), error("b"), content("c")], true).seen).toEqual(
      decode([error("a"), error("b"), content("c")], false).seen,
    );
  });

  test("tells choices and calls apart", () => {
    const second = (text: string) => content(text).replace('"index":0', '"index":1');
    expect(expectSame(["a", "b", "c"].flatMap((text) => [content(text), second(text)]))).toBe(2);
    expect(expectSame(["a", "b", "c"].flatMap((text) => [argument(text, 0), argument(text, 1)]))).toBe(2);
  });

  test("does not keep a stream waiting that never repeats itself", () => {
    const events = Array.from({ length: 500 }, (_, turn) =>
      content(`w${turn}`).replace('"created":1', `"created":${turn}`),
    );
    expect(expectSame(events)).toBe(500);
  });
});

/** Chunks of a stream that is the same or nearly the same all along, with values that may be anything. */
const chunkValues = fc.record({
  kind: fc.constantFrom("content", "reasoning", "reasoning_content", "arguments"),
  value: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom("", '"', "\\", "[DONE]", '"content":"', "null"),
  ),
  choice: fc.constantFrom(0, 0, 0, 1),
  call: fc.constantFrom(0, 1),
  extra: fc.constantFrom("", "", "", "", ',"usage":null', ',"usage":{"prompt_tokens":1}', ',"x":"y"'),
  finish: fc.constantFrom("null", "null", "null", "null", '"stop"', '""'),
  spaced: fc.constantFrom(false, false, true),
  escaped: fc.boolean(),
});

test("any stream gives the same on both paths", () => {
  fc.assert(
    fc.property(fc.array(chunkValues, { maxLength: 40 }), (chunks) => {
      const events = chunks.map(({ kind, value, choice, call, extra, finish, spaced, escaped }) => {
        let string = JSON.stringify(value);
        if (escaped)
          string = string.replaceAll(
            /[^\u0020-\u007e]/g,
            (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
          );
        const delta =
          kind === "arguments"
            ? `{"tool_calls":[{"index":${call},"function":{"arguments":${string}}}]}`
            : `{${JSON.stringify(kind)}:${spaced ? " " : ""}${string}}`;
        return `${HEAD}{"index":${choice},"delta":${delta},"finish_reason":${finish}}]${extra}}`;
      });
      expectSame(events);
    }),
    { numRuns: 300 },
  );
});

test("bytes that were changed at random give the same on both paths", () => {
  const stream = ["Hello", " there", "!", "\n", "東京"].map(content);
  fc.assert(
    fc.property(
      fc.nat({ max: stream.length - 1 }),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
      (event, position, byte) => {
        const events = stream.map((text) => new TextEncoder().encode(text));
        const target = events[event]!;
        target[position % target.length] = byte;
        const run = (fast: boolean) => {
          const seen: unknown[] = [];
          const note =
            (name: string) =>
            (...given: unknown[]) =>
              void seen.push([name, ...given]);
          const sink: ChunkSink & StreamControl = {
            onChunk(chunk) {
              const payload = readSinglePayload(chunk);
              if (payload?.kind === "text") seen.push(["text", payload.choiceIndex, payload.value]);
              else if (!isEmptyPayload(chunk)) seen.push(["chunk", chunk]);
            },
            onText: note("text"),
            onThinking: note("thinking"),
            onArguments: note("arguments"),
            onErrorEvent: note("error"),
            onDone: note("done"),
            onMalformed: note("malformed"),
          };
          const decoder = new ChunkDecoder({ chunks: sink, control: sink, fast });
          for (const event of WARM_UP) feed(decoder, new TextEncoder().encode(event));
          for (const event of events) feed(decoder, event);
          return seen;
        };
        expect(run(true)).toEqual(run(false));
      },
    ),
    { numRuns: 1000 },
  );
});
