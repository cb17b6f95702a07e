import type { Rule } from "./rule.ts";

/** The model wrote something that the server itself could not read. Says 400 or 500, and the request is right. */
export const modelOutput: Rule = ({ message, isStream }) => {
  if (
    /unexpected tokens remaining in message header|Unexpected token \d+ while expecting start token|HarmonyError/.test(
      message,
    )
  ) {
    return {
      code: "SERVER_ERROR",
      reason: "output-format",
      message: "The model slipped in its own output format (gpt-oss, harmony), and vLLM could not read its answer.",
      hint: "Send the same request again: it usually succeeds.",
      isRetryable: true,
    };
  }
  if (/^list\[function-wrap.*Invalid JSON/.test(message)) {
    return {
      code: "SERVER_ERROR",
      message:
        "vLLM could not read the tool call that the model wrote, most often because max_tokens cut it. The request itself is right.",
      hint: "Raise max_tokens, or upgrade vLLM: since 0.10 it answers with the half call instead.",
    };
  }
  if (
    isStream &&
    /^(?:Expecting|Unterminated string|Extra data|Invalid control character|Invalid \\?escape).*line \d+ column \d+ \(char \d+\)/i.test(
      message,
    )
  ) {
    return {
      code: "SERVER_ERROR",
      message: "vLLM could not read the tool call that the model wrote. The request itself is right.",
      hint: 'Old vLLM fails so with tool_choice "required" and no tool parser: ask with stream: false, start the server with --tool-call-parser <parser>, or upgrade it.',
    };
  }
  return undefined;
};
