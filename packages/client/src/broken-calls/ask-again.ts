import type { ChatMessage } from "../request/index.ts";
import type { ChatChoice } from "../stream/result.ts";
import type { BrokenCall } from "./find-broken-call.ts";

const NOT_RUN = "This call was not run, because another call of the same turn was not complete. Send it again.";
const CALL_IN_TEXT =
  "The tool call at the end of your answer was not complete, so nothing was run. Send it again, whole.";

/** What the model is sent after a broken call: its answer, and as results of its calls what was wrong. Nothing of it was run. */
export function askAgain({ message, toolCalls }: ChatChoice, broken: BrokenCall): ChatMessage[] {
  if (broken.call === undefined) return [message, { role: "user", content: CALL_IN_TEXT }];
  return [
    message,
    ...toolCalls.map(({ id, parseError }) => ({
      role: "tool" as const,
      tool_call_id: id,
      content: parseError?.message ?? NOT_RUN,
    })),
  ];
}
