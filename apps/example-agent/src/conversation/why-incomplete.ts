import type { AnswerEnding, ChatResult } from "@vllm/client";

const CUT: Readonly<Partial<Record<AnswerEnding, string>>> = {
  truncated: "The answer is incomplete: it reached the limit of tokens (max_tokens, or the end of the model's window).",
  filtered: "The answer is incomplete: the server's content filter stopped it.",
  repetitive: "The answer is incomplete: the model repeated itself, and the server stopped it.",
  unknown: "The answer may be incomplete: the server ended it with a finish reason that is not known.",
};

/** Why an answer that ended properly is still not whole; undefined when it is. */
export function whyIncomplete({ ending, emptyTurn }: Pick<ChatResult, "ending" | "emptyTurn">): string | undefined {
  const cut = CUT[ending];
  if (cut !== undefined) return cut;
  if (emptyTurn === "thought-only")
    return "There is no answer: the model stopped after its thought. Ask again, or more precisely.";
  if (emptyTurn === "answer-in-thought") {
    return "There is no answer of its own: the model never ended its thought, so the answer may be in there.";
  }
  return emptyTurn === "nothing" ? "There is no answer: the model stopped at once." : undefined;
}
