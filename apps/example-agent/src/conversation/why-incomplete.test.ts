import { expect, test } from "vitest";
import { whyIncomplete } from "./why-incomplete.ts";

test.each([
  [{ finishReason: "stop" }, undefined],
  [{ finishReason: "tool_calls" }, undefined],
  [{ finishReason: "length" }, /incomplete: it reached the limit of tokens/],
  [{ finishReason: "length", emptyTurn: "thought-only" as const }, /limit of tokens/],
  [{ finishReason: "content_filter" }, /content filter/],
  [{ finishReason: "repetition" }, 'The answer may be incomplete: the server ended it with "repetition".'],
  [{ finishReason: "stop", emptyTurn: "thought-only" as const }, /stopped after its thought/],
  [{ finishReason: "stop", emptyTurn: "answer-in-thought" as const }, /never ended its thought/],
  [{ finishReason: "stop", emptyTurn: "nothing" as const }, /stopped at once/],
])("%j", (end, expected) => {
  if (expected === undefined) expect(whyIncomplete(end)).toBeUndefined();
  else expect(whyIncomplete(end)).toMatch(expected);
});
