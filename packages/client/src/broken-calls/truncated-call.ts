import { isForced } from "../request/to-text-tool-request.ts";
import type { MachineAnswer } from "../stream/chat-machine.ts";
import type { ChatChoice } from "../stream/result.ts";
import type { ChatWarning } from "../stream/warning.ts";

/**
 * True when the request's own token limit cut the call that it forces, and nothing else is broken: to ask again would spend the same tokens
 * to the same end.
 */
export function isCutByRequest(answer: MachineAnswer, body: Readonly<Record<string, unknown>>): boolean {
  const limit = body["max_completion_tokens"] ?? body["max_tokens"];
  if (typeof limit !== "number" || !isForced(body["tool_choice"])) return false;
  const errors = answer.choices.flatMap(({ toolCalls }) => toolCalls.map(({ parseError }) => parseError?.kind));
  const isCut = errors.includes("length") || answer.choices.some(({ ending }) => ending === "truncated");
  return isCut && errors.every((kind) => kind === undefined || kind === "length");
}

/** The answer without its truncated calls. It ends as truncated, whatever the server called it. */
export function withoutTruncatedCalls(answer: MachineAnswer): MachineAnswer {
  const choices = answer.choices.map(withoutTruncatedCall);
  return { ...answer, ...choices[0], choices, warnings: [...answer.warnings, CALL_TRUNCATED] };
}

function withoutTruncatedCall(choice: ChatChoice): ChatChoice {
  const toolCalls = choice.toolCalls.filter(({ parseError }) => parseError === undefined);
  if (toolCalls.length === choice.toolCalls.length) return choice;
  const { tool_calls: sent = [], ...message } = choice.message;
  const kept = sent.filter((_, at) => choice.toolCalls[at]?.parseError === undefined);
  return {
    ...choice,
    toolCalls,
    finishReason: "length",
    ending: "truncated",
    message: { ...message, ...(kept.length === 0 ? { content: message.content ?? "" } : { tool_calls: kept }) },
  };
}

export const CALL_TRUNCATED: ChatWarning = {
  code: "CALL_TRUNCATED",
  message:
    "The request's own token limit (max_tokens) was reached in the tool call that tool_choice forces; the call is not handed over.",
  hint: "Raise max_tokens, or leave it out: vLLM then uses the room that is left in the window.",
};
