import { isObject } from "./chat-request.ts";

/** How the messages of a request break the protocol, as the recordings `refused-messages-<fault>` name it; undefined when they do not. */
export function messageFault(messages: unknown): string | undefined {
  if (messages === undefined) return undefined;
  if (messages === null) return "null";
  if (!Array.isArray(messages)) return "text";
  for (const message of messages as readonly unknown[]) {
    const fault = message === null ? "item-null" : isObject(message) ? faultOf(message) : "item-text";
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOf({ role, content, tool_calls: calls }: Readonly<Record<string, unknown>>): string | undefined {
  if (role === undefined) return "role-missing";
  if (typeof role !== "string") return "role-number";
  if (typeof content === "number") return "content-number";
  if (content === null && role !== "assistant" && role !== "tool") return "content-null";
  for (const call of Array.isArray(calls) ? (calls as readonly unknown[]) : []) {
    const called = isObject(call) ? call["function"] : undefined;
    if (!isObject(called)) return "call-without-function";
    if (typeof called["arguments"] !== "string") return "call-arguments-object";
  }
  return undefined;
}
