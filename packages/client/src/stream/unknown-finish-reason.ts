import type { ChatWarning } from "./warning.ts";

/** A word as servers use them. Anything else is somebody's text, which is not repeated. */
const PLAIN_WORD = /^[\w.:-]{1,60}$/;

export function unknownFinishReason(reason: string): ChatWarning {
  const shown = PLAIN_WORD.test(reason) ? `"${reason}"` : `a text of ${reason.length} characters`;
  return {
    code: "UNKNOWN_FINISH_REASON",
    message: `The server ended the answer with an unknown finish reason (${shown}): its text is kept, but none of its tool calls may be run.`,
    hint: "vLLM has no such finish reason, so a gateway in front of it, or another kind of server, sent it: look up there what it stands for, and ask vLLM directly to compare (baseUrl).",
  };
}
