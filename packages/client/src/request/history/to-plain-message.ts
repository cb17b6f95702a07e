import type { ChatMessage } from "../chat-message.ts";
import { toWellFormedContent } from "./to-well-formed.ts";

/** A message while it is rewritten: a copy, of which the wire fields are known. */
export interface PlainMessage {
  role: string;
  content?: unknown;
  name?: unknown;
  reasoning?: unknown;
  reasoning_content?: unknown;
  tool_calls?: PlainToolCall[] | undefined;
  tool_call_id?: unknown;
  [field: string]: unknown;
}

interface PlainToolCall {
  id?: unknown;
  type?: unknown;
  function?: { name?: unknown; arguments?: unknown } | undefined;
  [field: string]: unknown;
}

/** Copies a message as deep as it is rewritten. */
export function toPlainMessage(message: ChatMessage): PlainMessage {
  const copy = { ...message } as unknown as PlainMessage;
  if (copy.content !== undefined) copy.content = toWellFormedContent(copy.content);
  if (!Array.isArray(copy.tool_calls)) return copy;
  copy.tool_calls = copy.tool_calls.map((call) =>
    call.function === undefined ? { ...call } : { ...call, function: { ...call.function } },
  );
  return copy;
}
