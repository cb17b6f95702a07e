import type { VllmError } from "@vllm/schema/core";
import type { ChatWarning } from "../stream/warning.ts";

/** What to change in a request so that it fits, and what to report about it. */
export interface FittedRequest {
  /** Undefined: the field is not sent. */
  fields: Record<string, number | undefined>;
  warning: ChatWarning;
}

/**
 * The change to a request that leaves as many output tokens as the window has room for; undefined when there is no room, or when the
 * output is not what is too long.
 *
 * @param error `CONTEXT_LENGTH_EXCEEDED`, with the prompt's true size where it is known
 */
export function fitMaxTokens(body: Readonly<Record<string, unknown>>, error: VllmError): FittedRequest | undefined {
  const key = typeof body["max_completion_tokens"] === "number" ? "max_completion_tokens" : "max_tokens";
  const asked = body[key];
  const { maxModelLen, promptTokens, promptTokensAtLeast } = error;
  if (typeof asked !== "number" || maxModelLen === undefined) return undefined;
  if (promptTokens === undefined || promptTokensAtLeast === true) {
    // Without a limit vLLM uses the room that is left. Only right when the limit alone was too large.
    return asked >= maxModelLen
      ? { fields: { [key]: undefined }, warning: warn(asked, maxModelLen, "no limit was sent instead") }
      : undefined;
  }
  const room = maxModelLen - promptTokens;
  if (room < 1 || room >= asked) return undefined;
  const change = `with a prompt of ${promptTokens}; ${room} were asked for instead`;
  return { fields: { [key]: room }, warning: warn(asked, maxModelLen, change) };
}

function warn(asked: number, maxModelLen: number, change: string): ChatWarning {
  return {
    code: "max-tokens-lowered",
    message: `${asked} output tokens do not fit the window of ${maxModelLen}: ${change}.`,
    hint: "Ask for fewer output tokens, or set no limit (max_tokens): vLLM then uses the room that is left. The client lowers it no more with fitMaxTokens: false.",
  };
}
