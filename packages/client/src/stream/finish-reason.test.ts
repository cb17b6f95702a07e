import { describe, expect, test } from "vitest";
import {
  joinFinishes,
  mayProveCall,
  readFinish,
  refineEnding,
  toOpenAIFinishReason,
  type AnswerEnding,
  type Finish,
} from "./finish-reason.ts";

const ENDINGS: Record<Finish["ending"], readonly string[]> = {
  complete: ["stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn", "stop_sequence", "tool_use"],
  truncated: ["length", "max_tokens", "model_length"],
  filtered: ["content_filter"],
  repetitive: ["repetition"],
  unknown: ["banana", "insufficient_system_resource", "stop.", "tool_calls,stop", "null", "constructor", "__proto__"],
  failed: ["abort", "error", "network_error"],
};
const words = Object.entries(ENDINGS).flatMap(([ending, list]) => list.map((word) => [word, ending] as const));
const known = words.filter(([, ending]) => ending !== "unknown");

describe("readFinish", () => {
  test.each(words)("%s is %s", (word, ending) => expect(readFinish(word)).toEqual({ reason: word, ending }));

  test.each(known)("%s in capitals, with blanks around it, is the same word", (word, ending) => {
    expect(readFinish(`\t ${word.toUpperCase()} \n`)).toEqual({ reason: word, ending });
  });

  test("an unknown word stays as it was sent", () => {
    expect(readFinish(" Banana ")).toEqual({ reason: " Banana ", ending: "unknown" });
  });

  test.each([undefined, null, "", " ", "\t\r\n", "\u00a0\ufeff", 0, 1, Number.NaN, true, false, {}, [], ["stop"]])(
    "%j is no finish reason",
    (value) => expect(readFinish(value)).toBeUndefined(),
  );
});

describe("joinFinishes", () => {
  const join = (...sent: string[]) =>
    sent.map((word) => readFinish(word) as Finish).reduce((finish, next) => joinFinishes(finish, next));

  test.each([
    [["stop", "stop"], "stop"],
    [["stop", "tool_calls"], "tool_calls"],
    [["tool_calls", "stop"], "stop"],
    [["stop", "length"], "length"],
    [["length", "stop"], "length"],
    [["repetition", "stop"], "repetition"],
    [["content_filter", "tool_calls"], "content_filter"],
    [["length", "content_filter"], "content_filter"],
    [["banana", "stop"], "banana"],
    [["stop", "banana"], "banana"],
    [["error", "stop"], "error"],
    [["banana", "abort", "length"], "abort"],
  ])("of %j, %s counts", (sent, reason) => expect(join(...sent).reason).toBe(reason));
});

test.each([
  ["complete", "repetition_detected", "repetitive"],
  ["complete", "</answer>", "complete"],
  ["complete", 558, "complete"],
  ["complete", undefined, "complete"],
  ["truncated", "repetition_detected", "truncated"],
  ["unknown", "repetition_detected", "unknown"],
] as const)("%s with stop_reason %j is %s", (ending, stopReason, refined) => {
  expect(refineEnding(ending, stopReason)).toBe(refined);
});

test.each<[AnswerEnding, boolean, boolean]>([
  ["complete", true, true],
  ["truncated", true, false],
  ["filtered", true, false],
  ["repetitive", true, false],
  ["unknown", false, false],
])("a call of an answer that is %s may be run: %s before others, %s as the last one", (ending, earlier, last) => {
  expect([mayProveCall(ending, false), mayProveCall(ending, true)]).toEqual([earlier, last]);
});

describe("toOpenAIFinishReason", () => {
  const ask = (word: string, toolCalls: { recovered?: true }[] = []) => {
    const { reason, ending } = readFinish(word) as Finish & { ending: AnswerEnding };
    return toOpenAIFinishReason({ finishReason: reason, ending, toolCalls });
  };

  test.each([
    ["stop", "stop", "stop"],
    ["tool_calls", "tool_calls", "tool_calls"],
    ["function_call", "function_call", "function_call"],
    ["eos", "stop", "tool_calls"],
    ["eos_token", "stop", "tool_calls"],
    ["end_turn", "stop", "tool_calls"],
    ["stop_sequence", "stop", "tool_calls"],
    ["tool_use", "stop", "tool_calls"],
    ["length", "length", "length"],
    ["max_tokens", "length", "length"],
    ["model_length", "length", "length"],
    ["repetition", "length", "length"],
    ["content_filter", "content_filter", "content_filter"],
    ["banana", "stop", "stop"],
  ])("%s is %s, with calls %s", (word, without, withCalls) => {
    expect([ask(word), ask(word, [{}])]).toEqual([without, withCalls]);
  });

  test("calls that were found in the text are tool_calls, whatever the server took the text for", () => {
    expect(ask("stop", [{ recovered: true }])).toBe("tool_calls");
  });

  test("an answer that was stopped is not called stop although the server does", () => {
    expect(toOpenAIFinishReason({ finishReason: "stop", ending: "repetitive", toolCalls: [] })).toBe("length");
  });
});
