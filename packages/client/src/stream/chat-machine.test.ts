import { growthOf } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import type { MarkupPiece } from "../leaked-markup/index.ts";
import { ChatMachine, type ChatMachineOptions } from "./chat-machine.ts";
import type { ChatEvent } from "./events.ts";
import type { WireChunk, WireDelta, WireToolCall } from "./wire-chunk.ts";

function start(options: Partial<ChatMachineOptions> = {}) {
  const events: ChatEvent[] = [];
  const machine = new ChatMachine({
    model: "asked",
    toolNames: [],
    receiver: { onEvent: (event) => events.push(event) },
    ...options,
  });
  return { machine, events, types: () => events.map((event) => event.type) };
}

function chunk(delta: WireDelta, finish: string | null = null, index = 0): WireChunk {
  return { id: "chatcmpl-1", model: "m", created: 7, choices: [{ index, delta, finish_reason: finish }] };
}

const call = (fields: Partial<WireToolCall> & { name?: string | null; text?: string | null }): WireDelta => {
  const { name, text, ...rest } = fields;
  const called = { ...(name === undefined ? {} : { name }), ...(text === undefined ? {} : { arguments: text }) };
  return { tool_calls: [{ index: 0, ...rest, function: called }] };
};

function run(chunks: WireChunk[], options?: Partial<ChatMachineOptions>) {
  const { machine, events, types } = start(options);
  for (const each of chunks) machine.onChunk(each);
  return { result: machine.finish(), events, types: types() };
}

describe("blocks", () => {
  test("are numbered in the order in which they begin, and closed by the next one", () => {
    const { events } = run([
      chunk({ role: "assistant", content: "" }),
      chunk({ reasoning: "hm" }),
      chunk({ content: "a" }),
      chunk({ content: "b" }),
      chunk({ reasoning: "again" }),
      chunk({}, "stop"),
    ]);
    const at = (contentIndex: number) => ({ choiceIndex: 0, contentIndex });
    expect(events).toEqual([
      { type: "start", id: "chatcmpl-1", model: "m" },
      { type: "thinking_start", ...at(0) },
      { type: "thinking_delta", ...at(0), delta: "hm" },
      { type: "thinking_end", ...at(0), thinking: "hm" },
      { type: "text_start", ...at(1) },
      { type: "text_delta", ...at(1), delta: "a" },
      { type: "text_delta", ...at(1), delta: "b" },
      { type: "text_end", ...at(1), text: "ab" },
      { type: "thinking_start", ...at(2) },
      { type: "thinking_delta", ...at(2), delta: "again" },
      { type: "thinking_end", ...at(2), thinking: "again" },
    ]);
  });

  test("one delta may hold a thought, text and calls; the thought is first whatever the order of the keys", () => {
    const { types, result } = run([
      chunk({ content: "t", reasoning: "r", ...call({ id: "a", name: "f", text: "{}" }) }, "tool_calls"),
    ]);
    expect(types).toEqual([
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
    ]);
    expect(result.message).toEqual({
      role: "assistant",
      content: "t",
      reasoning: "r",
      tool_calls: [{ id: "a", type: "function", function: { name: "f", arguments: "{}" } }],
    });
  });

  test("calls in turn keep their pieces apart, and text after them is a block of its own", () => {
    const { result, events } = run([
      chunk(call({ index: 0, id: "a", name: "f", text: '{"x"' })),
      chunk(call({ index: 1, id: "b", name: "g", text: '{"y"' })),
      chunk(call({ index: 0, text: ":1}" })),
      chunk({ content: "done" }),
      chunk(call({ index: 1, text: ":2}" }), "tool_calls"),
    ]);
    expect(result.toolCalls).toEqual([
      { id: "a", name: "f", arguments: { x: 1 }, argumentsText: '{"x":1}' },
      { id: "b", name: "g", arguments: { y: 2 }, argumentsText: '{"y":2}' },
    ]);
    expect(
      events.filter((event) => event.type === "toolcall_delta").map((event) => [event.index, event.contentIndex]),
    ).toEqual([
      [0, 0],
      [1, 1],
      [0, 0],
      [1, 1],
    ]);
    expect(events.find((event) => event.type === "text_start")).toMatchObject({ contentIndex: 2 });
  });
});

describe("ids and names of calls", () => {
  const parts = (...deltas: WireDelta[]) => run([...deltas.map((delta) => chunk(delta)), chunk({}, "tool_calls")]);

  test("nothing is told of a call before both are known", () => {
    const { events } = parts(call({ name: "f" }), call({ text: '{"a"' }), call({ id: "x" }), call({ text: ":1}" }));
    expect(events.slice(1, 4)).toEqual([
      { type: "toolcall_start", choiceIndex: 0, contentIndex: 0, index: 0, id: "x", name: "f" },
      { type: "toolcall_delta", choiceIndex: 0, contentIndex: 0, index: 0, delta: '{"a"' },
      { type: "toolcall_delta", choiceIndex: 0, contentIndex: 0, index: 0, delta: ":1}" },
    ]);
  });

  test("null, empty and repeated values change nothing; nor does an id of its own in every delta (vLLM before 0.9)", () => {
    const { result } = parts(
      call({ id: "x", name: "f", text: null }),
      call({ id: null, name: null, text: "{" }),
      call({ id: "", name: "", text: '"a":' }),
      call({ id: "x", name: "f", text: "1" }),
      call({ id: "other", text: "}" }),
    );
    expect(result.toolCalls).toEqual([{ id: "x", name: "f", arguments: { a: 1 }, argumentsText: '{"a":1}' }]);
  });

  test("another id and name at a used index is another call, with a number of its own", () => {
    const { result, events } = parts(
      call({ id: "x", name: "f", text: '{"a":1}' }),
      call({ id: "y", name: "f", text: '{"a":' }),
      call({ text: "2}" }),
    );
    expect(result.toolCalls.map(({ id, arguments: given }) => [id, given])).toEqual([
      ["x", { a: 1 }],
      ["y", { a: 2 }],
    ]);
    expect(events.filter((event) => event.type === "toolcall_end").map((event) => event.index)).toEqual([0, 1]);
  });

  test("without indices, pieces belong to the latest call", () => {
    const { index: _, ...bare } = { index: 0 };
    const piece = (id: string | null, name: string | null, text: string): WireDelta => ({
      tool_calls: [{ ...bare, id, function: { name, arguments: text } }],
    });
    const { result } = parts(
      piece("x", "f", "{"),
      piece(null, null, "}"),
      piece("y", "g", "{"),
      piece(null, null, "}"),
    );
    expect(result.toolCalls.map(({ id, name, argumentsText }) => [id, name, argumentsText])).toEqual([
      ["x", "f", "{}"],
      ["y", "g", "{}"],
    ]);
  });

  test("a whole message's calls are told apart by their place", () => {
    const { result } = run([
      {
        id: "chatcmpl-1",
        choices: [
          {
            index: 0,
            finish_reason: "tool_calls",
            message: {
              content: null,
              tool_calls: [
                { id: "same", function: { name: "f", arguments: "{}" } },
                { id: "same", function: { name: "f", arguments: '{"a":1}' } },
              ],
            },
          },
        ],
      },
    ]);
    expect(result.toolCalls.map((made) => made.argumentsText)).toEqual(["{}", '{"a":1}']);
    expect(result.message.content).toBeNull();
  });

  test("an id that never comes is made up from the answer's, a name that never comes is an error", () => {
    const { result, events } = parts(call({ name: "f", text: "{}" }), call({ index: 1, id: "x", text: "{}" }));
    expect(result.toolCalls).toMatchObject([
      { id: "chatcmpl-1-tool-0-0", name: "f", arguments: {} },
      { id: "x", name: "", arguments: undefined, parseError: { kind: "cut-off" } },
    ]);
    expect(events.filter((event) => event.type === "toolcall_start")).toHaveLength(2);
  });

  test("arguments as an object, as other servers send them", () => {
    expect(parts(call({ id: "x", name: "f", text: { a: 1 } as never })).result.toolCalls[0]?.arguments).toEqual({
      a: 1,
    });
  });
});

describe("choices that were not asked for", () => {
  test("are skipped, with one warning, whatever they bring", () => {
    const { result, events } = run(
      [
        chunk({ content: "b" }, null, 2),
        chunk({ content: "a" }, null, 1),
        ...[2, -1, 0.5, 1e9, Number.MAX_VALUE].map((index) => chunk({ content: "x", reasoning: "y" }, "length", index)),
        chunk(call({ id: "x", name: "f", text: "{}" }), "tool_calls", 3),
        chunk({}, "stop", 1),
        chunk({ content: "c" }, "stop", 0),
      ],
      { choiceCount: 2 },
    );
    expect(result.choices.map(({ choiceIndex, text, toolCalls }) => [choiceIndex, text, toolCalls])).toEqual([
      [0, "c", []],
      [1, "a", []],
    ]);
    expect(result.warnings.map(({ code }) => code)).toEqual(["UNEXPECTED_CHOICE"]);
    expect(events.filter((event) => "choiceIndex" in event && ![0, 1].includes(event.choiceIndex))).toEqual([]);
    expect(events.filter((event) => event.type === "warning")).toHaveLength(1);
  });

  test("without any other there is no answer", () => {
    const { machine } = start();
    expect(machine.isOfOtherChoices).toBe(false);
    machine.onChunk(chunk({ content: "x" }, "stop", 1));
    expect(machine).toMatchObject({ ending: "unfinished", isOfOtherChoices: true });
    machine.onChunk(chunk({ content: "a" }, "stop", 0));
    expect(machine).toMatchObject({ ending: "answered", isOfOtherChoices: false });
  });
});

describe("the end", () => {
  test("several answers stay apart, in order, and finish each by itself", () => {
    const { machine } = start({ choiceCount: 2 });
    machine.onChunk(chunk({ content: "B" }, null, 1));
    machine.onChunk(chunk({ content: "A" }, "stop", 0));
    expect(machine.ending).toBe("unfinished");
    machine.onChunk(chunk({ content: "b" }, "length", 1));
    expect(machine.ending).toBe("answered");
    const result = machine.finish();
    expect(result).toMatchObject({ choiceIndex: 0, text: "A", finishReason: "stop" });
    expect(result.choices.map(({ choiceIndex, text, finishReason }) => [choiceIndex, text, finishReason])).toEqual([
      [0, "A", "stop"],
      [1, "Bb", "length"],
    ]);
  });

  test("is there once every answer that was asked for has its finish reason, and does not go on", () => {
    const { machine } = start({ choiceCount: 2 });
    const usage = { choices: [], usage: { prompt_tokens: 1 } };
    const state = () => [machine.isFinished, machine.hasFinalUsage];
    expect(state()).toEqual([false, false]);
    machine.onChunk(usage);
    machine.onChunk(chunk({ content: "A" }, "stop", 0));
    machine.onChunk(usage);
    expect(state()).toEqual([false, false]);
    machine.onChunk(chunk({ content: "B" }, "", 1));
    expect(state()).toEqual([false, false]);
    machine.onChunk(chunk({ content: "b" }, "stop", 1));
    // What brings nothing changes nothing.
    machine.onChunk(chunk({ role: "assistant", content: "", tool_calls: [] }, null, 0));
    expect(state()).toEqual([true, false]);
    machine.onChunk(usage);
    expect(state()).toEqual([true, true]);
    machine.onText(1, "more");
    machine.onChunk(chunk({}, "stop", 1));
    expect(machine.isFinished).toBe(false);
    expect(machine.ending).toBe("answered");
  });

  test("an aborted answer is no answer", () => {
    const { machine } = start();
    machine.onChunk(chunk({ content: "half" }, "abort"));
    expect(machine.ending).toEqual({ failed: "abort" });
    expect(machine.partial()).toMatchObject({ id: "chatcmpl-1", text: "half" });
  });

  test("what is passed on as it is", () => {
    const { result, events } = run([
      { ...chunk({ content: "a" }), prompt_token_ids: [1, 2] },
      {
        ...chunk({}),
        choices: [{ index: 0, delta: {}, logprobs: { content: [{ token: "a" }] }, token_ids: [5] }],
      },
      {
        ...chunk({}),
        system_fingerprint: "vllm-x",
        usage: { prompt_tokens: 1, completion_tokens: 2 },
        choices: [
          {
            index: 0,
            delta: {},
            finish_reason: "stop",
            stop_reason: 558,
            logprobs: { content: [{ token: "b" }] },
            token_ids: [6, 7],
          },
        ],
      },
    ]);
    expect(result).toMatchObject({
      id: "chatcmpl-1",
      model: "m",
      created: 7,
      systemFingerprint: "vllm-x",
      stopReason: 558,
      usage: { prompt_tokens: 1, completion_tokens: 2 },
      logprobs: { content: [{ token: "a" }, { token: "b" }] },
      tokenIds: [5, 6, 7],
      promptTokenIds: [1, 2],
    });
    expect(events.filter((event) => event.type === "tokens")).toEqual([
      { type: "tokens", choiceIndex: 0, logprobs: { content: [{ token: "a" }] }, tokenIds: [5] },
      { type: "tokens", choiceIndex: 0, logprobs: { content: [{ token: "b" }] }, tokenIds: [6, 7] },
    ]);
  });

  test("as many token ids as a window has", () => {
    const ids = Array.from({ length: 300_000 }, (_, id) => id);
    const whole: WireChunk = {
      id: "x",
      choices: [{ index: 0, message: { content: "a" }, finish_reason: "stop", token_ids: ids }],
    };
    expect(run([whole]).result.tokenIds).toHaveLength(300_000);
  });

  test("usage: the last one counts", () => {
    const usage = (completion: number) => ({ prompt_tokens: 3, completion_tokens: completion });
    const { result } = run([
      { ...chunk({ content: "a" }), usage: usage(1) },
      { ...chunk({}, "stop"), usage: usage(2) },
      { id: "chatcmpl-1", choices: [], usage: usage(2) },
      { id: "chatcmpl-1", choices: [], usage: null },
    ]);
    expect(result.usage).toEqual(usage(2));
  });

  test.each([
    ["stop", { content: "a" }, {}, undefined],
    ["stop", { reasoning: "a" }, {}, "thought-only"],
    ["stop", { reasoning: "a", content: "\n\n" }, {}, "thought-only"],
    ["stop", { reasoning: "a" }, { reasoningMayBeAnswer: true }, "answer-in-thought"],
    ["stop", {}, {}, "nothing"],
    ["stop", { content: " " }, { reasoningMayBeAnswer: true }, "nothing"],
    ["length", { reasoning: "a" }, {}, undefined],
    ["content_filter", {}, {}, undefined],
    ["tool_calls", call({ id: "a", name: "f" }), {}, undefined],
  ] as const)("finish %s after %j with %j: emptyTurn %s", (finish, delta, options, emptyTurn) => {
    expect(run([chunk(delta as WireDelta), chunk({}, finish)], options).result.emptyTurn).toBe(emptyTurn);
  });

  const cut = [chunk({ content: "a" }), chunk({}, "length")];
  const used = (completion: number) => ({
    id: "chatcmpl-1",
    choices: [],
    usage: { prompt_tokens: 100, completion_tokens: completion },
  });
  test.each<[string, number | undefined, number | undefined, RegExp | undefined]>([
    ["the server's limit", 200, 8192, /after 40 tokens, although 200 were allowed: the server has a limit of its own/],
    ["a full window", 200, 140, /fill the window of 140/],
    ["an unknown window", 200, undefined, /a limit of its own, or its window is full/],
    ["the request's own limit", 40, 8192, undefined],
    ["no limit asked for", undefined, 8192, undefined],
  ])("truncated by %s", (_name, tokens, window, message) => {
    const warnings = run([...cut, used(40)], { maxTokens: tokens, askedOutput: { tokens, window } }).result.warnings;
    expect(warnings.map(({ code }) => code)).toEqual(message === undefined ? [] : ["OUTPUT_LIMITED"]);
    if (message !== undefined) expect(warnings[0]?.message).toMatch(message);
    expect(run(cut, { askedOutput: { tokens, window } }).result.warnings).toEqual([]);
  });

  test("a call that the limit cut is no good, also when vLLM calls it good", () => {
    const half = [chunk(call({ id: "a", name: "f", text: '{"x":"y"}' })), chunk({}, "tool_calls")];
    const used = { id: "chatcmpl-1", choices: [], usage: { prompt_tokens: 1, completion_tokens: 40 } };
    expect(run([...half, used], { maxTokens: 40 }).result.toolCalls[0]?.parseError?.kind).toBe("length");
    expect(run([...half, used], { maxTokens: 41 }).result.toolCalls[0]?.arguments).toEqual({ x: "y" });
    expect(run([half[0]!, chunk({}, "length")]).result.toolCalls[0]?.parseError?.kind).toBe("length");
    // The first of two was followed by the second.
    const two = run([half[0]!, chunk(call({ index: 1, id: "b", name: "f", text: "{}" })), chunk({}, "length")]).result;
    expect(two.toolCalls.map((made) => made.parseError?.kind)).toEqual([undefined, "length"]);
  });
});

describe("warnings", () => {
  const codes = (chunks: WireChunk[], options?: Partial<ChatMachineOptions>) =>
    run(chunks, options).result.warnings.map((warning) => warning.code);

  test("raw markup names the missing flag", () => {
    const { result, events } = run([chunk({ content: "<think>hm</think>hi" }), chunk({}, "stop")]);
    expect(result.warnings).toMatchObject([
      { code: "thinking-in-text", hint: expect.stringContaining("--reasoning-parser") },
    ]);
    expect(events.at(-1)).toEqual({ type: "warning", warning: result.warnings[0] });
    const leaked = chunk({ content: '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>' });
    expect(run([leaked, chunk({}, "stop")], { toolNames: ["f"] }).result.warnings).toMatchObject([
      { code: "tool-call-in-text", hint: expect.stringContaining("--tool-call-parser") },
    ]);
  });

  test("markup of a family that has no angle brackets, in an answer without tools", () => {
    expect(codes([chunk({ content: "[THINK]hm[/THINK]hi" }), chunk({}, "stop")])).toEqual(["thinking-in-text"]);
  });

  test("a call that was forbidden says so", () => {
    const leaked = chunk({ content: '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>' });
    const { warnings } = run([leaked, chunk({}, "stop")], { forbidsCalls: true }).result;
    expect(warnings).toMatchObject([{ code: "tool-call-in-text", message: expect.stringContaining('"none"') }]);
  });

  test("but not where it may stand", () => {
    const leaked = chunk({ content: '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>' });
    expect(codes([leaked, chunk({}, "stop")])).toEqual([]);
    expect(codes([chunk({ content: "a < b" }), chunk({}, "stop")], { toolNames: ["f"] })).toEqual([]);
    expect(codes([chunk({ reasoning: "r" }), chunk({ content: "<think>" }), chunk({}, "stop")])).toEqual([]);
  });

  test("recovery is advised only for formats that it reads", () => {
    const hintFor = (content: string) =>
      run([chunk({ content }), chunk({}, "stop")], { toolNames: ["f"] }).result.warnings[0]?.hint;
    expect(hintFor('<tool_call>{"name": "f", "arguments": {}}</tool_call>')).toContain("toolCallText");
    expect(hintFor("<｜tool_calls_begin｜>f")).toBe(
      "Start the server with --enable-auto-tool-choice --tool-call-parser step3.",
    );
  });

  test("with recovery, what it did not look for is still told", () => {
    const leaked = [chunk({ content: "hm</think><｜tool_calls_begin｜>f" }), chunk({}, "stop")];
    const hintsWith = (thinkTags: boolean, toolCallText: boolean) =>
      run(leaked, { toolNames: ["f"], recovered: { thinkTags, toolCallText } }).result.warnings.map(({ hint }) => hint);
    const parser = expect.stringMatching(/tool-call-parser step3\.$/) as string;
    expect(hintsWith(false, true)).toEqual([expect.stringContaining("recover: { thinkTags: true }"), parser]);
    expect(hintsWith(true, true)).toEqual([expect.stringContaining("profile.thoughtOpenedByTemplate"), parser]);
    const left = [chunk({ content: '<tool_call>{"name": "other"}</tool_call>' }), chunk({}, "stop")];
    const { warnings } = run(left, { toolNames: ["f"], recovered: { thinkTags: false, toolCallText: true } }).result;
    expect(warnings).toMatchObject([{ code: "tool-call-in-text", message: expect.stringContaining("is none") }]);
  });

  test("a limit that went into the thought says so", () => {
    const used = {
      id: "x",
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 9, completion_tokens_details: { reasoning_tokens: 9 } },
    };
    const { warnings } = run([chunk({ reasoning: "long" }), chunk({}, "length"), used]).result;
    expect(warnings).toMatchObject([
      { code: "thinking-used-up-budget", message: expect.stringContaining("(9 tokens)") },
    ]);
    expect(codes([chunk({ reasoning: "long" }), chunk({ content: "a" }, "length")])).toEqual([]);
  });

  test("what the request had to say comes right after start", () => {
    const warning = { code: "history-rewritten", message: "m", hint: "h" } as const;
    const { types, result } = run([chunk({ content: "a" }, "stop")], { warnings: [warning, warning] });
    expect(types.slice(0, 2)).toEqual(["start", "warning"]);
    expect(result.warnings).toEqual([warning]);
  });
});

describe("recovery", () => {
  /** Turns `(x)` into a thought and `[x]` into a call. */
  function createMarkupReader() {
    return {
      push(text: string): MarkupPiece[] {
        return text
          .split(/(\([^)]*\)|\[[^\]]*\])/)
          .filter(Boolean)
          .map((part): MarkupPiece => {
            if (part.startsWith("(")) return { type: "thinking", text: part.slice(1, -1) };
            if (part.startsWith("["))
              return { type: "toolcall", name: part.slice(1, -1), argumentsText: '{"a":1}', format: "hermes" };
            return { type: "text", text: part };
          });
      },
      end: (): MarkupPiece[] => [{ type: "text", text: "(held back" }],
    };
  }

  test("pieces become events like any other, and calls are marked", () => {
    const { result, events, types } = run(
      [chunk({ content: "(hm)hi" }), chunk({ content: "[f][g]" }), chunk({}, "stop")],
      { createMarkupReader },
    );
    expect(types).toEqual([
      "start",
      "thinking_start",
      "thinking_delta",
      "thinking_end",
      "text_start",
      "text_delta",
      "text_end",
      "toolcall_start",
      "toolcall_delta",
      "toolcall_start",
      "toolcall_delta",
      "text_start",
      "text_delta",
      "text_end",
      "toolcall_end",
      "toolcall_end",
    ]);
    expect(events.find((event) => event.type === "toolcall_start")).toMatchObject({
      index: 0,
      name: "f",
      recovered: true,
    });
    expect(result).toMatchObject({
      text: "hi(held back",
      thinking: "hm",
      toolCalls: [
        { name: "f", id: "chatcmpl-1-tool-0-0", arguments: { a: 1 }, recovered: true },
        { name: "g", id: "chatcmpl-1-tool-0-1", arguments: { a: 1 }, recovered: true },
      ],
    });
  });

  test("each answer has a recovery of its own", () => {
    let made = 0;
    run([chunk({ content: "a" }, "stop", 0), chunk({ content: "b" }, "stop", 1)], {
      choiceCount: 2,
      createMarkupReader() {
        made += 1;
        return createMarkupReader();
      },
    });
    expect(made).toBe(2);
  });
});

describe("partial", () => {
  test("holds what came, and no call that may be run", () => {
    const { machine } = start();
    expect(machine.partial()).toEqual({ text: "", thinking: "", toolCalls: [] });
    machine.onChunk({
      ...chunk({ reasoning: "r", content: "t", ...call({ id: "a", name: "f", text: "{}" }) }),
      usage: { prompt_tokens: 1 },
    });
    expect(machine.partial()).toEqual({
      id: "chatcmpl-1",
      model: "m",
      text: "t",
      thinking: "r",
      toolCalls: [
        {
          id: "a",
          name: "f",
          arguments: undefined,
          argumentsText: "{}",
          parseError: expect.objectContaining({ kind: "cut-off" }),
        },
      ],
      usage: { prompt_tokens: 1 },
    });
  });
});

test("many choices cost no more than a few, each", () => {
  const finish = (text: string) => {
    const { machine } = start({ choiceCount: text.length });
    for (let index = 0; index < text.length; index += 1) machine.onChunk(chunk({ content: "x" }, null, index));
    for (let index = text.length; index-- > 0;) machine.onChunk(chunk({}, "stop", index));
    expect(machine.finish().choices).toHaveLength(text.length);
  };
  expect(growthOf(finish, "x", 1000, 32_000)).toBeLessThan(8);
});
