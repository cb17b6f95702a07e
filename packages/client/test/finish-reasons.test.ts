import { createVllmClient, type AnswerEnding, type ChatParams, type VllmErrorCode } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect, partialOf, type Collected } from "./support/collect.ts";
import { playing } from "./support/play.ts";

const PARAMS: ChatParams = {
  model: "m",
  messages: [{ role: "user", content: "Hello" }],
  tools: [{ type: "function", function: { name: "f" } }],
};
const call = (index: number) => ({
  index,
  id: `call-${index}`,
  type: "function",
  function: { name: "f", arguments: '{"x":1}' },
});
const TEXT = { content: "Hello" };
const ONE_CALL = { content: "Hello", tool_calls: [call(0)] };
const HALF_CALL = { content: "Hello", tool_calls: [{ ...call(0), function: { name: "f", arguments: '{"x":' } }] };
const TWO_CALLS = { tool_calls: [call(0), call(1)] };

interface Sent {
  delta: object;
  /** What stands in `finish_reason`, of several chunks one after another. */
  finish: readonly unknown[];
  stopReason?: unknown;
  index?: number;
}

function toEvents({ delta, finish, stopReason, index = 0 }: Sent): object[] {
  const head = { id: "chatcmpl-1", model: "m" };
  const ends = finish.map((word) => ({ index, delta: {}, finish_reason: word, stop_reason: stopReason }));
  return [{ index, delta, finish_reason: null }, ...ends].map((choice) => ({ ...head, choices: [choice] }));
}

const USAGE = { id: "chatcmpl-1", choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } };
const encode = (text: string) => new TextEncoder().encode(text);

async function stream(
  sent: readonly Sent[],
  { end = true, params = {} as Partial<ChatParams> } = {},
): Promise<Collected> {
  const events = [...sent.flatMap(toEvents), ...(end ? [USAGE] : [])].map(
    (event) => `data: ${JSON.stringify(event)}\n\n`,
  );
  const pieces = [...events, ...(end ? ["data: [DONE]\n\n"] : [])].map(encode);
  const fetch = playing({ pieces, end: end ? "complete" : "broken" });
  return collect(
    createVllmClient({ fetch, retry: { maxRetries: 0 } }).chat({ ...PARAMS, n: askedFor(sent), ...params }),
  );
}

async function whole(sent: readonly Sent[]): Promise<Collected> {
  const choices = sent.map(({ delta, finish, stopReason, index = 0 }) => ({
    index,
    message: { role: "assistant", ...delta },
    finish_reason: finish.at(-1),
    stop_reason: stopReason,
  }));
  const fetch = playing({
    pieces: [encode(JSON.stringify({ id: "chatcmpl-1", model: "m", choices }))],
    headers: { "content-type": "application/json" },
  });
  return collect(
    createVllmClient({ fetch, retry: { maxRetries: 0 } }).chat({ ...PARAMS, n: askedFor(sent), stream: false }),
  );
}

/** The `n` of a request that has these choices. */
function askedFor(sent: readonly Sent[]): number {
  return 1 + Math.max(0, ...sent.map(({ index = 0 }) => index));
}

const kindsOf = ({ result }: Collected) => result?.toolCalls.map(({ parseError }) => parseError?.kind);
const codesOf = ({ result }: Collected) => result?.warnings.map(({ code }) => code);

/** Word, ending, and why a call is not run: the only one, and the first of two. */
type Row = readonly [word: string, ending: AnswerEnding, last: string | undefined, earlier: string | undefined];
const ENDINGS: readonly Row[] = [
  ...["stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn", "stop_sequence", "tool_use"].map(
    (word): Row => [word, "complete", undefined, undefined],
  ),
  ...["length", "max_tokens", "model_length"].map((word): Row => [word, "truncated", "length", undefined]),
  ["content_filter", "filtered", "cut-off", undefined],
  ["repetition", "repetitive", "cut-off", undefined],
  ["banana", "unknown", "unproven", "unproven"],
  ["null", "unknown", "unproven", "unproven"],
];
const FAILURES: readonly (readonly [word: string, code: VllmErrorCode])[] = [
  ["abort", "ENGINE_FAILED"],
  ["error", "SERVER_ERROR"],
  ["network_error", "STREAM_ENDED_EARLY"],
];

describe.each([
  ["streamed", stream],
  ["whole", whole],
] as const)("an answer that is %s", (_, ask) => {
  test.each(ENDINGS)("%s is %s", async (word, ending, last, earlier) => {
    const said = await ask([{ delta: TEXT, finish: [word] }]);
    expect(said.result).toMatchObject({ text: "Hello", toolCalls: [], finishReason: word, ending });
    expect(codesOf(said)).toEqual(ending === "unknown" ? ["UNKNOWN_FINISH_REASON"] : []);
    const called = await ask([{ delta: ONE_CALL, finish: [word] }]);
    expect(kindsOf(called)).toEqual([last]);
    expect(called.result).toMatchObject({
      text: "Hello",
      finishReason: word,
      toolCalls: [{ argumentsText: '{"x":1}', arguments: last === undefined ? { x: 1 } : undefined }],
    });
    expect(kindsOf(await ask([{ delta: TWO_CALLS, finish: [word] }]))).toEqual([earlier, last]);
  });

  test.each(ENDINGS)("nothing at all, then %s", async (word, ending) => {
    const { result } = await ask([{ delta: {}, finish: [word] }]);
    expect(result?.emptyTurn).toBe(ending === "complete" || ending === "unknown" ? "nothing" : undefined);
  });

  test.each(FAILURES)("%s is a %s", async (word, code) => {
    for (const delta of [{}, TEXT, ONE_CALL, TWO_CALLS]) {
      const { error } = await ask([{ delta, finish: [word] }]);
      expect(error).toMatchObject({ code, isRetryable: true });
      expect(error?.message).toContain(`finish reason "${word}"`);
      expect(error?.hint).not.toBe("");
      expect(partialOf(error).text).toBe("content" in delta ? "Hello" : "");
      expect(partialOf(error).toolCalls.every((each) => each.arguments === undefined)).toBe(true);
    }
  });

  test.each(["", " ", "\n", undefined, null, 0, 1, true, {}, ["stop"]])("%j is no finish reason", async (value) => {
    const { error } = await ask([{ delta: HALF_CALL, finish: [value] }]);
    expect(error?.code).toBe("STREAM_ENDED_EARLY");
    expect(error?.message).toMatch(/ended the answer without a finish reason, and not everything in it is complete\.$/);
    expect(partialOf(error)).toMatchObject({ text: "Hello", toolCalls: [{ arguments: undefined }] });
    expect((await ask([{ delta: TEXT, finish: [value] }])).error?.code).toBe("STREAM_ENDED_EARLY");
    for (const delta of [ONE_CALL, TWO_CALLS]) {
      const { result } = await ask([{ delta, finish: [value] }]);
      expect(result).toMatchObject({ finishReason: "tool_calls", ending: "complete", repaired: true });
      expect(result?.warnings).toMatchObject([{ code: "ANSWER_REPAIRED", reason: "no-finish-reason" }]);
      expect(result?.toolCalls.every((each) => each.arguments?.["x"] === 1)).toBe(true);
    }
  });

  test.each([
    ["STOP", "stop", "complete"],
    [" Tool_Calls\n", "tool_calls", "complete"],
    ["MAX_TOKENS", "max_tokens", "truncated"],
    ["Repetition", "repetition", "repetitive"],
  ])("%j is read as %s", async (sent, finishReason, ending) => {
    const { result } = await ask([{ delta: TEXT, finish: [sent] }]);
    expect(result).toMatchObject({ finishReason, ending, warnings: [] });
  });

  test.each(["ABORT", " error "])("%j is a failure, too", async (sent) => {
    expect((await ask([{ delta: TEXT, finish: [sent] }])).error?.isRetryable).toBe(true);
  });

  test("the warning names the word, unless it is none that a terminal should see", async () => {
    const messageOf = async (word: string) =>
      (await ask([{ delta: TEXT, finish: [word] }])).result?.warnings[0]?.message;
    expect(await messageOf("banana")).toContain('("banana")');
    const strange = await messageOf(`\u001b[31m${"x".repeat(5000)}`);
    expect(strange).toContain("(a text of 5005 characters)");
    expect(strange?.length).toBeLessThan(300);
  });

  test.each(["stop", "tool_calls"])("vLLM's repetition detection shows although the word is %s", async (word) => {
    const stopped = { finish: [word], stopReason: "repetition_detected" };
    const { result } = await ask([{ delta: ONE_CALL, ...stopped }]);
    expect(result).toMatchObject({ finishReason: word, ending: "repetitive", stopReason: "repetition_detected" });
    expect(kindsOf(await ask([{ delta: TWO_CALLS, ...stopped }]))).toEqual([undefined, "cut-off"]);
  });

  describe("one of several", () => {
    test("each has its own ending", async () => {
      const { result } = await ask([
        { delta: ONE_CALL, finish: ["tool_calls"], index: 0 },
        { delta: ONE_CALL, finish: ["repetition"], index: 1 },
        { delta: ONE_CALL, finish: ["banana"], index: 2 },
      ]);
      expect(result?.choices.map(({ ending, toolCalls }) => [ending, toolCalls[0]?.parseError?.kind])).toEqual([
        ["complete", undefined],
        ["repetitive", "cut-off"],
        ["unknown", "unproven"],
      ]);
      expect(result).toMatchObject({ ending: "complete", finishReason: "tool_calls" });
      expect(result?.warnings.map(({ code }) => code)).toEqual(["UNKNOWN_FINISH_REASON"]);
    });

    test.each(FAILURES)("%s of one is the reply's %s: a result has no place for half of it", async (word, code) => {
      const { error } = await ask([
        { delta: TEXT, finish: ["stop"], index: 0 },
        { delta: { content: "Bon" }, finish: [word], index: 1 },
      ]);
      expect(error?.code).toBe(code);
      expect(partialOf(error).text).toBe("Hello");
    });

    test("a failure explains more than a choice that never ended", async () => {
      const { error } = await ask([
        { delta: TEXT, finish: [null], index: 0 },
        { delta: TEXT, finish: ["abort"], index: 1 },
      ]);
      expect(error?.code).toBe("ENGINE_FAILED");
    });
  });
});

describe("a stream with more than one finish reason", () => {
  test.each([
    [["stop", ""], "stop"],
    [["length", null], "length"],
    [["length", "stop"], "length"],
    [["repetition", "tool_calls"], "repetition"],
    [["banana", "stop"], "banana"],
    [["stop", "max_tokens"], "max_tokens"],
    [["", " ", "tool_calls"], "tool_calls"],
  ])("%j is %s", async (finish, finishReason) => {
    expect((await stream([{ delta: ONE_CALL, finish }])).result).toMatchObject({ finishReason });
  });

  test("that fails does not end well because a gateway says stop", async () => {
    expect((await stream([{ delta: TEXT, finish: ["error", "stop"] }])).error?.code).toBe("SERVER_ERROR");
  });

  test("in every chunk is a long text", async () => {
    const sent = "one two three four".split(" ").map((content) => ({ delta: { content }, finish: ["stop"] }));
    expect((await stream(sent)).result).toMatchObject({ text: "onetwothreefour", ending: "complete" });
  });
});

describe("what comes after the finish reason", () => {
  test("belongs to the answer", async () => {
    const sent = [
      { delta: TEXT, finish: ["stop"] },
      { delta: { content: " again" }, finish: [] },
    ];
    expect((await stream(sent)).result).toMatchObject({ text: "Hello again", finishReason: "stop" });
  });

  test("shows that the word was not the end: a connection that breaks then is a broken answer", async () => {
    const more = { index: 0, function: { arguments: "" } };
    for (const delta of [{ content: "Hel" }, { reasoning: "Hm" }, { tool_calls: [call(1)] }, { tool_calls: [more] }]) {
      const sent = [
        { delta: ONE_CALL, finish: ["tool_calls"] },
        { delta, finish: [] },
      ];
      expect((await stream(sent, { end: false })).error?.code).toBe("STREAM_ENDED_EARLY");
    }
  });

  test("may be a lost connection: the answer is whole, without usage", async () => {
    const { result } = await stream([{ delta: ONE_CALL, finish: ["tool_calls"] }], { end: false });
    expect(result).toMatchObject({ ending: "complete", toolCalls: [{ arguments: { x: 1 } }] });
    expect(result).not.toHaveProperty("usage");
  });

  test("the lost connection does not hide a failure", async () => {
    const { error } = await stream([{ delta: TEXT, finish: ["abort"] }], { end: false });
    expect(error).toMatchObject({ code: "ENGINE_FAILED", message: expect.stringContaining("abort") });
  });

  test("with n: 2 the second answer is missing, not the end", async () => {
    const sent = [{ delta: TEXT, finish: ["stop"] }];
    expect((await stream(sent, { end: false, params: { n: 2 } })).error?.code).toBe("STREAM_ENDED_EARLY");
    // A gateway that knows no n says itself that this was all.
    expect((await stream(sent, { params: { n: 2 } })).result?.choices).toHaveLength(1);
  });
});

describe('a server that writes "" for null', () => {
  const chunks = (deltas: readonly object[]) => deltas.map((delta) => ({ delta, finish: [""] }));

  test("a stream that breaks is not whole, wherever it breaks", async () => {
    const opened = { ...call(0), function: { name: "f", arguments: "" } };
    const halves = [
      [TEXT],
      [{ tool_calls: [opened] }],
      [HALF_CALL],
      [ONE_CALL, TEXT],
      [{ role: "assistant", content: "" }],
    ];
    expect((await stream(chunks([ONE_CALL]), { end: false })).error?.code).toBe("STREAM_ENDED_EARLY");
    for (const deltas of halves) {
      for (const end of [true, false]) {
        const { error } = await stream(chunks(deltas), { end });
        expect(error?.code).toBe("STREAM_ENDED_EARLY");
        expect(partialOf(error).toolCalls.every((each) => each.arguments === undefined)).toBe(true);
      }
    }
  });

  test("a long text of equal chunks", async () => {
    const words = Array.from({ length: 200 }, (__, at) => `${at} `);
    const event = (content: string, finish: string) =>
      encode(
        `data: ${JSON.stringify({ id: "1", model: "m", choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`,
      );
    const read = (last: string) =>
      collect(
        createVllmClient({
          fetch: playing({ pieces: [...words.map((word) => event(word, "")), event("", last)] }),
        }).chat(PARAMS),
      );
    expect((await read("stop")).result?.text).toBe(words.join(""));
    const { error } = await read("");
    expect(error?.code).toBe("STREAM_ENDED_EARLY");
    expect(partialOf(error).text).toBe(words.join(""));
  });
});

describe("calls that the server left in the text", () => {
  const inText = '<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>';
  const ask = async (content: string, word: string) => {
    const pieces = toEvents({ delta: { content }, finish: [word] }).map((event) =>
      encode(`data: ${JSON.stringify(event)}\n\n`),
    );
    const client = createVllmClient({ fetch: playing({ pieces }), recover: { toolCallText: true } });
    return collect(client.chat(PARAMS));
  };

  test.each(ENDINGS)("%s is %s", async (word, _, last) => {
    expect(kindsOf(await ask(inText, word))).toEqual([last]);
  });

  test.each(["max_tokens", "content_filter", "repetition"])(
    "a bare call is none in an answer that was cut (%s): more may have followed",
    async (word) => {
      const bare = '{"name": "f", "parameters": {"x": 1}}';
      expect((await ask(bare, "eos")).result?.toolCalls).toMatchObject([{ name: "f", arguments: { x: 1 } }]);
      expect((await ask(bare, word)).result).toMatchObject({ toolCalls: [], text: bare });
    },
  );
});

describe("structured output", () => {
  const outputSchema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) => ({ value }),
      jsonSchema: { input: () => ({ type: "object" }), output: () => ({ type: "object" }) },
    },
  };
  test.each([
    ["max_tokens", "reached its token limit"],
    ["content_filter", "content filter"],
    ["repetition", "repeated itself"],
  ])("cut by %s says so", async (word, said) => {
    const params = { tools: undefined, outputSchema } as unknown as Partial<ChatParams>;
    const { error } = await stream([{ delta: { content: '{"a": [1, 1, 1' }, finish: [word] }], { params });
    expect(error).toMatchObject({ code: "OUTPUT_INVALID", message: expect.stringContaining(said) });
  });
});
