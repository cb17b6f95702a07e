import type { ChatResult } from "@vllm/client";

/** Why an answer that ended properly is still not whole; undefined when it is. */
export function whyIncomplete({
  finishReason,
  emptyTurn,
}: Pick<ChatResult, "finishReason" | "emptyTurn">): string | undefined {
  if (finishReason === "length") {
    return "The answer is incomplete: it reached the limit of tokens (max_tokens, or the end of the model's window).";
  }
  if (finishReason === "content_filter") return "The answer is incomplete: the server's content filter stopped it.";
  if (finishReason !== "stop" && finishReason !== "tool_calls") {
    return `The answer may be incomplete: the server ended it with "${finishReason}".`;
  }
  if (emptyTurn === "thought-only")
    return "There is no answer: the model stopped after its thought. Ask again, or more precisely.";
  if (emptyTurn === "answer-in-thought") {
    return "There is no answer of its own: the model never ended its thought, so the answer may be in there.";
  }
  return emptyTurn === "nothing" ? "There is no answer: the model stopped at once." : undefined;
}
