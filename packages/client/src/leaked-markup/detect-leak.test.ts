import { growthOf } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import { CALL_FAMILIES, writable } from "../../test/families/call-families.ts";
import { recordedDeltas } from "../../test/families/recorded-deltas.ts";
import { SAMPLE_TURNS } from "../../test/families/sample-calls.ts";
import { detectLeak } from "./index.ts";
import { TOOL_CALL_MARKERS } from "./tool-call-markers.ts";

const find = (text: string, kind: "thinking" | "tool-call") => detectLeak(text).find((leak) => leak.kind === kind);

/** Two names of one parser in vLLM 0.32.0, and names of our own. */
const SAME: Readonly<Record<string, string>> = { glm45: "glm47", "mistral-list": "mistral" };

describe("a call in the text names the parser that reads it", () => {
  test.each(Object.values(CALL_FAMILIES))("$parser", (family) => {
    for (const turn of ["one", "typed", "two"]) {
      const text = family.write(writable(family, SAMPLE_TURNS[turn] ?? []));
      const leak = find(family.allowsText ? `I look.\n${text}` : text, "tool-call");
      expect(leak?.parsers[0]).toBe(SAME[family.parser] ?? family.parser);
      expect(leak?.flags[0]).toBe(`--enable-auto-tool-choice --tool-call-parser ${leak?.parsers[0]}`);
      expect(leak?.isRecoverable).toBe(true);
    }
  });

  test.each([
    ["]<]minimax[>[<tool_call>", "minimax_m3"],
    ["<｜tool_calls_begin｜>", "step3"],
    ["<|open|>tools<|sep|>", "kimi_k3"],
    ["functions.get_weather:0 {", "kimi_k2"],
    ["call:get_weather{city:Paris}", "gemma4"],
    ["<start_function_call>call:now{}", "functiongemma"],
    ['<function_call> {"name": "now"', "granite-20b-fc"],
    ['<tool_calls>[{"name": "now"', "jamba"],
    ["<tool_calls:3f><tool_call:3f>now", "hy_v3"],
    ["<ifm|tool_calls>", "k2_horizon"],
    ["<|content_invoke_tool_json|>", "inkling"],
    ["<atem:function_calls>", "muse_glimmer"],
    ["<|action_start|><|plugin|>", "internlm"],
    ["<|tools_prefix|>", "apertus"],
    ["<|function_call|>", "gigachat3"],
    ['<function name="now">', "minicpm5"],
    ["<|plamo:begin_tool_requests:plamo|>", "plamo3"],
    ["<|START_ACTION|>", "cohere_command3"],
    ['functools[{"name": "now"', "phi4_mini_json"],
    ["<dots_function_call>", "dots"],
    ['{"name": "now", "arguments": {"a": {}}}', "hermes"],
    ['<invoke name="now">', "minimax_m2"],
    ["<tool_call>now</tool_call>", "glm47"],
    ["assistantcommentary to=functions.now json{}", "openai"],
  ])("%s: %s", (text, parser) => {
    expect(find(text, "tool-call")?.parsers[0]).toBe(parser);
  });

  test("only what recovery reads is said to be recoverable", () => {
    const read = new Set(Object.values(CALL_FAMILIES).map((family) => SAME[family.parser] ?? family.parser));
    for (const { parsers, unread } of TOOL_CALL_MARKERS) {
      if (unread !== true) expect(read).toContain(parsers[0]);
      // Gemma's call without its marker is known, and not read.
      else if (parsers[0] !== "gemma4") expect(read).not.toContain(parsers[0]);
    }
  });

  test("recorded", () => {
    const { deltas } = recordedDeltas("0.32.0/no-tool-parser/leak-tool-call");
    expect(detectLeak(deltas.join(""))).toEqual([
      {
        kind: "tool-call",
        marker: "<tool_call>",
        parsers: ["hermes"],
        flags: ["--enable-auto-tool-choice --tool-call-parser hermes"],
        isRecoverable: true,
      },
    ]);
  });
});

describe("a thought in the text names the parser that reads it", () => {
  test.each([
    ["<think>\nhm\n</think>\n\nHi", "<think>", "qwen3"],
    ["I was thinking already.\n</think>\n\nThe answer is 4.", "</think>", "qwen3"],
    ["[THINK]hm[/THINK]Hi", "[THINK]", "mistral"],
    ["<seed:think>hm</seed:think>", "<seed:think>", "seed_oss"],
    ["<|channel>thought\nhm<channel|>Hi", "<|channel>thought", "gemma4"],
    ["Here is my thought process: hm Here is my response: Hi", "Here is my thought process:", "granite"],
  ])("%j: %s, %s", (text, marker, parser) => {
    expect(find(text, "thinking")).toMatchObject({ marker, parsers: expect.arrayContaining([parser]) as string[] });
    expect(find(text, "thinking")?.flags).toContain(`--reasoning-parser ${parser}`);
  });

  test("recorded", () => {
    const { deltas } = recordedDeltas("0.32.0/no-reasoning-parser/hello");
    expect(detectLeak(deltas.join("")).map((leak) => leak.marker)).toEqual(["<think>"]);
  });

  test("both at once", () => {
    const leaks = detectLeak('<think>hm</think><tool_call>\n{"name": "now"}\n</tool_call>');
    expect(leaks.map((leak) => leak.kind)).toEqual(["thinking", "tool-call"]);
  });
});

describe("talk about markup is no leak", () => {
  test.each([
    "",
    "Hello there! How can I help you today?",
    "The tag `<tool_call>` opens a call, `<think>` a thought.",
    'Write it so:\n```xml\n<tool_call>\n{"name": "now"}\n</tool_call>\n```\n',
    'Cut in the middle of code:\n```\n<tool_call>\n{"name": "now"}',
    "~~~\n</think>\n~~~",
    "Use <think> and </think> around it.",
    "A <tool_call> is a tag.",
    '{"city": "Paris", "temperature": 18}',
    "[1] says so, and [now](https://example.com).",
    "Here is my response: yes.",
    "call: now",
    "x < y > z [0] {}",
  ])("%j", (text) => {
    expect(detectLeak(text)).toEqual([]);
  });
});

describe("what a model repeats costs no more than other text", () => {
  test.each([
    "`",
    "```",
    "~~~",
    "```\n",
    "~~~\nx",
    "<tool_calls",
    "<tool_call> ",
    "<think>",
    "</think>",
    "functions.a:",
    "{",
    " ",
  ])("%j", (atom) => {
    expect(growthOf((text) => detectLeak(text), atom)).toBeLessThan(8);
  });
});
