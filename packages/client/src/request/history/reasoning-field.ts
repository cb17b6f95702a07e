import type { HistoryOptions } from "../history-options.ts";
import type { PlainMessage } from "./to-plain-message.ts";
import { toWellFormed } from "./to-well-formed.ts";

/** Sends the reasoning of an assistant turn under the field's name, whichever it came under. */
export function renameReasoning(message: PlainMessage, field: NonNullable<HistoryOptions["reasoning"]>): void {
  const { reasoning, reasoning_content } = message;
  const thought = typeof reasoning === "string" && reasoning !== "" ? reasoning : reasoning_content;
  delete message.reasoning;
  delete message.reasoning_content;
  if (typeof thought !== "string" || thought === "" || field === "drop") return;
  const sendable = toWellFormed(thought);
  if (field !== "reasoning_content") message.reasoning = sendable;
  if (field !== "reasoning") message.reasoning_content = sendable;
}
