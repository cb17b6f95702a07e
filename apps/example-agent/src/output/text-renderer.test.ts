import type { ModelProfile } from "@vllm/schema";
import { describe, expect, test } from "vitest";
import { toModelEvent } from "../connect/connect-event.ts";
import { NO_USAGE } from "../conversation/usage-totals.ts";
import type { RunEvent } from "../run/run-event.ts";
import { createColors } from "./colors.ts";
import { createJsonRenderer } from "./json-renderer.ts";
import { createSink } from "./sink.ts";
import { createTextRenderer } from "./text-renderer.ts";

function show(
  events: readonly RunEvent[],
  { detail = "brief" as "brief" | "full", isColored = false, columns = Number.POSITIVE_INFINITY } = {},
): string {
  let text = "";
  const sink = createSink((piece) => (text += piece));
  const colors = createColors(isColored);
  const render = createTextRenderer({
    answer: sink,
    answerColors: colors,
    activity: sink,
    problems: sink,
    colors,
    problemColors: colors,
    columns,
    detail,
  });
  for (const event of events) render(event);
  return text;
}

const at = (contentIndex: number) => ({ choiceIndex: 0, contentIndex });
const text = (contentIndex: number, ...deltas: string[]): RunEvent[] => [
  { type: "text_start", ...at(contentIndex) },
  ...deltas.map((delta): RunEvent => ({ type: "text_delta", ...at(contentIndex), delta })),
  { type: "text_end", ...at(contentIndex), text: deltas.join("") },
];
const thinking = (contentIndex: number, ...deltas: string[]): RunEvent[] => [
  { type: "thinking_start", ...at(contentIndex) },
  ...deltas.map((delta): RunEvent => ({ type: "thinking_delta", ...at(contentIndex), delta })),
  { type: "thinking_end", ...at(contentIndex), thinking: deltas.join("") },
];
const callStart = (contentIndex: number, name: string): RunEvent => ({
  type: "toolcall_start",
  ...at(contentIndex),
  index: contentIndex,
  id: `${contentIndex}`,
  name,
});
const callDelta = (contentIndex: number, delta: string): RunEvent => ({
  type: "toolcall_delta",
  ...at(contentIndex),
  index: contentIndex,
  delta,
});
const callEnd = (contentIndex: number, name: string, argumentsText: string, isBroken = false): RunEvent => ({
  type: "toolcall_end",
  ...at(contentIndex),
  index: contentIndex,
  toolCall: isBroken
    ? { id: "1", name, arguments: undefined, argumentsText, parseError: { kind: "cut-off", message: "m" } }
    : { id: "1", name, arguments: {}, argumentsText },
});
const call = (contentIndex: number, name: string, argumentsText: string): RunEvent[] => [
  callStart(contentIndex, name),
  callDelta(contentIndex, argumentsText),
  callEnd(contentIndex, name, argumentsText),
];
const result = (name: string, output: string, isError = false): RunEvent => ({
  type: "tool_result",
  toolCallId: "1",
  name,
  output,
  isError,
});

describe("an answer", () => {
  test("thought, text, calls, results, answer", () => {
    expect(
      show([
        { type: "start", id: "1", model: "m" },
        ...thinking(0, "\nTwo ", "questions.\n"),
        ...text(1, "\n\n", "Let me check. "),
        ...call(2, "clock", '{"timezone": "UTC"}'),
        ...call(3, "calculator", '{"expression": "17 * 23"}'),
        result("clock", "noon"),
        result("calculator", "391"),
        ...thinking(0, "\nDone.\n"),
        ...text(1, "\n\nIt is noon", ", and 391.\n"),
      ]),
    ).toBe(
      `(thinking) Two questions.

Let me check.

→ clock {"timezone": "UTC"}
→ calculator {"expression": "17 * 23"}
← clock: noon
← calculator: 391

(thinking) Done.

It is noon, and 391.
`,
    );
  });

  test("thought is dimmed, a call coloured, text left alone", () => {
    const shown = show([...thinking(0, "hm"), ...text(1, "yes"), ...call(2, "clock", "{}")], { isColored: true });
    expect(shown).toContain("\u001b[2m(thinking) \u001b[22m\u001b[2mhm\u001b[22m");
    expect(shown).toContain("\nyes\n");
    expect(shown).toContain("\u001b[36m→ clock\u001b[39m {}");
  });

  test("calls that all end with the answer are shown once", () => {
    expect(
      show([
        callStart(0, "a"),
        callDelta(0, '{"x":'),
        callDelta(0, "1}"),
        callStart(1, "b"),
        callDelta(1, "{}"),
        callStart(2, "c"),
        callEnd(0, "a", '{"x":1}'),
        callEnd(1, "b", "{}"),
        callEnd(2, "c", ""),
      ]),
    ).toBe('→ a {"x":1}\n→ b {}\n→ c \n');
  });

  test("interleaved calls are shown whole, each on its line", () => {
    expect(
      show([
        callStart(0, "a"),
        callDelta(0, '{"x":'),
        callStart(1, "b"),
        callDelta(1, '{"y":'),
        callDelta(0, "1}"),
        callDelta(1, "2}"),
        callEnd(1, "b", '{"y":2}'),
        callEnd(0, "a", '{"x":1}'),
      ]),
    ).toBe('→ a {"x":\n→ b {"y":2}\n→ a {"x":1}\n');
  });

  test("a broken call says so, a long one is cut", () => {
    expect(show([callStart(0, "a"), callDelta(0, '{"x": "y'), callEnd(0, "a", '{"x": "y', true)])).toBe(
      '→ a {"x": "y (broken: cut-off)\n',
    );
    const long = show(call(0, "a", `{"x": "${"y".repeat(500)}"}`));
    expect(long.length).toBeLessThan(230);
    expect(long.endsWith("…\n")).toBe(true);
  });

  test("a long result is cut to a few lines, and says how many there are", () => {
    const shown = show([result("read_file", Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n"))]);
    expect(shown.split("\n").slice(0, 2)).toEqual(["← read_file: line 0", "  line 1"]);
    expect(shown).toContain("  line 7\n  … 12 more lines\n");
    expect(show([result("read_file", "w".repeat(1000))]).length).toBeLessThan(230);
  });

  test("a model, a file and a server cannot drive the terminal", () => {
    const escape = "\u001b]0;owned\u0007\u001b[2J\r";
    const shown = show([
      ...thinking(0, escape),
      ...text(1, escape),
      callStart(2, `x${escape}`),
      callDelta(2, escape),
      callEnd(2, "x", ""),
      result("x", escape),
      { type: "incomplete", reason: escape },
      { type: "error", code: "SERVER_ERROR", message: escape, hint: escape, isAnswerIncomplete: false },
      { type: "finding", code: "NOT_VLLM", severity: "warning", message: escape, fix: escape },
      { type: "reply", text: escape },
    ]);
    // oxlint-disable-next-line no-control-regex
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });
});

describe("what went otherwise", () => {
  test("an answer that ended too early", () => {
    expect(
      show([...text(0, "The answer is"), { type: "incomplete", reason: "The answer is incomplete: it hit a limit." }]),
    ).toBe("The answer is\n\n✗ The answer is incomplete: it hit a limit.\n");
  });

  test("an error in the middle of an answer says that it is incomplete, and why", () => {
    const error = {
      type: "error",
      code: "STREAM_ENDED_EARLY",
      message: "The stream stopped.",
      hint: "Look.",
      isAnswerIncomplete: true,
    };
    expect(
      show([{ type: "text_start", ...at(0) }, { type: "text_delta", ...at(0), delta: "Half" }, error as RunEvent]),
    ).toBe("Half\n\n✗ The answer is incomplete: The stream stopped.\n  Look.\n");
  });

  test("a config's problems stay on their lines", () => {
    const error = {
      type: "error",
      code: "CONFIG_INVALID",
      message: "c.json5 has 2 problems:\n  1:2 a\n  3:4 b",
      hint: "Correct it.",
      isAnswerIncomplete: false,
    };
    expect(show([error as RunEvent])).toBe("✗ c.json5 has 2 problems:\n  1:2 a\n  3:4 b\n  Correct it.\n");
  });

  test("forgotten turns, shortened results, notices, warnings", () => {
    expect(
      show([
        { type: "history_trimmed", droppedMessages: 1, shortenedResults: 0, contextWindow: 4096 },
        { type: "history_trimmed", droppedMessages: 3, shortenedResults: 2, contextWindow: 4096 },
        { type: "notice", code: "TOOL_PARSER_NOT_ENABLED", message: "No tools.", hint: "Start it with a parser." },
        {
          type: "warning",
          warning: { code: "thinking-in-text", message: "Raw tags.", hint: "Use --reasoning-parser." },
        },
        { type: "stopped" },
      ]),
    ).toBe(
      `[to fit the model's window: the oldest 1 message dropped]
[to fit the model's window: the oldest 3 messages dropped, 2 tool results shortened]
! No tools.
  Start it with a parser.
! Raw tags.
  Use --reasoning-parser.
Stopped.
`,
    );
  });
});

test("what answers is told before what was passed over, and what worked before the usage", () => {
  const events: RunEvent[] = [
    { type: "provider", source: "off", reason: "Discovery is off because of this." },
    { type: "embedded_server", baseUrl: "http://h/v1", message: "An embedded server answers." },
    { type: "worked", what: ["tool calls: the server read 2 of them"] },
  ];
  expect(show(events, { detail: "full" })).toMatch(
    /^Provider +An embedded server answers\.\n +Discovery is off because of this\.\n\nWorked +tool calls/,
  );
});

describe("the way and the end", () => {
  const profile: ModelProfile = {
    id: "org/model",
    contextWindow: { value: 32_768, source: "server", evidence: "max_model_len of /v1/models" },
    input: { value: ["text", "image"], source: "probed", evidence: "a picture was taken" },
    toolCalling: { value: "yes", source: "probed", evidence: "a call came" },
    reasoning: { value: "unknown", source: "assumed", evidence: "nobody asked yet" },
  };
  const turnEnd: RunEvent = {
    type: "turn_end",
    isComplete: true,
    usage: { requests: 2, prompt: 1300, cached: 512, output: 57, reasoning: 20, context: 700 },
    contextWindow: 32_768,
    firstTokenMs: 42,
    tokensPerSecond: 61.4,
  };
  const way: RunEvent[] = [
    { type: "provider", source: "discovered", reason: "Found it.", keySource: "VLLM_API_KEY" },
    { type: "server", baseUrl: "http://h:8000/v1", kind: "vllm", version: "0.32.0", state: "ready" },
    toModelEvent(profile),
    { type: "finding", code: "WINDOW_SMALL", severity: "warning", message: "Small.", fix: "Make it larger." },
    { type: "finding", code: "MODEL_ALIAS", severity: "info", message: "Only good to know.", fix: "Nothing." },
    { type: "model_chosen", id: "org/model", reason: "the only model here" },
    { type: "question", text: "Why?" },
    turnEnd,
  ];

  test("in full", () => {
    expect(show(way, { detail: "full" })).toBe(
      `Provider  Found it.
          key: VLLM_API_KEY
Server    http://h:8000/v1 · vLLM 0.32.0 · ready
Found     org/model
          context window  32,768 tokens   server: max_model_len of /v1/models
          tool calls      yes             probed: a call came
          reasoning       not seen yet    assumed: nobody asked yet
          input           text, image     probed: a picture was taken
Warning   Small.
          Make it larger.
Model     org/model (the only model here)

> Why?

Usage     1,300 tokens in (512 from the cache), 57 out (20 of them reasoning), in 2 requests
Speed     first token after 42 ms, 61 tokens/s
`,
    );
  });

  test("broken at blanks to fit a terminal, under its label", () => {
    expect(show(way.slice(0, 4), { detail: "full", columns: 70 })).toBe(
      `Provider  Found it.
          key: VLLM_API_KEY
Server    http://h:8000/v1 · vLLM 0.32.0 · ready
Found     org/model
          context window  32,768 tokens   server: max_model_len of
                                          /v1/models
          tool calls      yes             probed: a call came
          reasoning       not seen yet    assumed: nobody asked yet
          input           text, image     probed: a picture was taken
Warning   Small.
          Make it larger.
`,
    );
  });

  test("where there is no room beside a value, its source stands below it", () => {
    const lines = show(way.slice(2, 3), { detail: "full", columns: 44 });
    expect(lines).toContain(`
          context window  32,768 tokens
            server: max_model_len of
            /v1/models
          tool calls      yes
            probed: a call came
`);
  });

  test("in brief", () => {
    expect(show(way)).toBe(
      `Warning   Small.
          Make it larger.
1,300 in · 57 out · first token after 42 ms · 61 tokens/s · 2 % of the window
`,
    );
  });

  test("an answer without a token", () => {
    const end: RunEvent = {
      ...turnEnd,
      usage: { ...NO_USAGE, requests: 1 },
      firstTokenMs: undefined,
      tokensPerSecond: undefined,
    };
    expect(show([end])).toBe("0 in · 0 out · no token came · 0 % of the window\n");
  });

  test("/models and /usage", () => {
    const other: ModelProfile = {
      ...profile,
      id: "m2",
      contextWindow: { ...profile.contextWindow, source: "assumed" },
    };
    expect(
      show([
        { type: "models", current: "org/model", models: [profile, other] },
        {
          type: "usage",
          usage: { ...NO_USAGE, requests: 1, prompt: 10, output: 5, context: 15 },
          turns: 1,
          contextWindow: 100,
        },
      ]),
    ).toBe(
      `* org/model  32,768 tokens · tool calls yes · reasoning unknown
  m2         32,768 tokens (assumed) · tool calls yes · reasoning unknown
Tokens    10 tokens in, 5 out, in 1 request
Window    15 of 100 tokens (15 %), 1 turn remembered
`,
    );
  });

  test("as JSON, one event a line, line breaks and escapes inside it escaped", () => {
    let lines = "";
    const render = createJsonRenderer((piece) => (lines += piece));
    for (const event of way) render(event);
    render(result("x", "a\nb\u001b"));
    const parsed = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as RunEvent);
    expect(parsed.map(({ type }) => type)).toEqual([...way.map(({ type }) => type), "tool_result"]);
    expect(parsed[5]).toEqual(way[5]);
  });
});

test("no word is broken at a narrow terminal, and the last one is not lost to an error", () => {
  const shown = show(
    [
      ...thinking(0, "A question ", "about files in ", "the folder."),
      { type: "text_start", ...at(1) },
      { type: "text_delta", ...at(1), delta: "I look at the files of this folder" },
      {
        type: "error",
        code: "SERVER_ERROR",
        message: "The server went away.",
        hint: "Ask again later.",
        isAnswerIncomplete: true,
      },
      { type: "reply", text: "/models      the models of this server" },
    ],
    { columns: 24 },
  );
  expect(shown).toBe(`(thinking) A question
about files in the
folder.

I look at the files of
this folder

✗ The answer is
  incomplete: The server
  went away.
  Ask again later.
/models      the models
  of this server
`);
});
