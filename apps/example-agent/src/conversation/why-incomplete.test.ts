import { expect, test } from "vitest";
import { whyIncomplete } from "./why-incomplete.ts";

test.each([
  [{ ending: "complete" }, undefined],
  [{ ending: "truncated" }, /incomplete: it reached the limit of tokens/],
  [{ ending: "truncated", emptyTurn: "thought-only" }, /limit of tokens/],
  [{ ending: "filtered" }, /content filter/],
  [{ ending: "repetitive" }, /incomplete: the model repeated itself/],
  [{ ending: "unknown" }, /may be incomplete: the server ended it with a finish reason that is not known/],
  [{ ending: "complete", emptyTurn: "thought-only" }, /stopped after its reasoning/],
  [{ ending: "complete", emptyTurn: "answer-in-thought" }, /never ended its reasoning/],
  [{ ending: "complete", emptyTurn: "nothing" }, /stopped at once/],
  [{ ending: "complete", stoppedBy: "repeated-call" }, /same tool call/],
  [{ ending: "complete", stoppedBy: "max-steps" }, /still calling tools/],
  [{ ending: "complete", stoppedBy: "stop-when" }, /was stopped/],
] as const)("%j", (end, expected) => {
  if (expected === undefined) expect(whyIncomplete(end)).toBeUndefined();
  else expect(whyIncomplete(end)).toMatch(expected);
});
