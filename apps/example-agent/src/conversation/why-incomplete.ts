import type { AnswerEnding } from "@vllm/client";
import type { RunResult, RunStop } from "@vllm/client/run";

const STOPPED: Readonly<Partial<Record<RunStop, string>>> = {
  "repeated-call": "There is no answer: the model repeats the same tool call again and again.",
  "max-steps": "There is no answer: the model was still calling tools after many requests.",
};

const CUT: Readonly<Partial<Record<AnswerEnding, string>>> = {
  truncated: "The answer is incomplete: it reached the limit of tokens (max_tokens, or the end of the model's window).",
  filtered: "The answer is incomplete: the server's content filter stopped it.",
  repetitive: "The answer is incomplete: the model repeated itself, and the server stopped it.",
  unknown: "The answer may be incomplete: the server ended it with a finish reason that is not known.",
};

/** Why an answer that ended properly is still not whole; undefined when it is. */
export function whyIncomplete({
  ending,
  emptyTurn,
  stoppedBy,
}: Pick<RunResult, "ending" | "emptyTurn" | "stoppedBy">): string | undefined {
  if (stoppedBy !== undefined) return STOPPED[stoppedBy] ?? "There is no answer: the run was stopped.";
  const cut = CUT[ending];
  if (cut !== undefined) return cut;
  if (emptyTurn === "thought-only")
    return "There is no answer: the model stopped after its reasoning. Ask again, or more precisely.";
  if (emptyTurn === "answer-in-thought") {
    return "There is no answer of its own: the model never ended its reasoning, so the answer may be in there.";
  }
  return emptyTurn === "nothing" ? "There is no answer: the model stopped at once." : undefined;
}
