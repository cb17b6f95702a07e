import type { HistoryRules, MessageRule } from "@vllm/schema/core";
import type { ChatWarning } from "../../stream/warning.ts";
import type { ChatMessage } from "../chat-message.ts";
import type { HistoryOptions } from "../history-options.ts";
import { foldLeadingSystem, mergeConsecutiveUsers, mergeLeadingSystem, mergeSystem } from "./merge-messages.ts";
import { renameReasoning } from "./reasoning-field.ts";
import { INVALID_ARGUMENTS_KEY, repairArguments } from "./repair-arguments.ts";
import { toPlainMessage } from "./to-plain-message.ts";
import type { PlainMessage } from "./to-plain-message.ts";
import { createMistralIds, kimiK2Ids, rewriteToolCallIds } from "./tool-call-ids.ts";

export interface PreparedMessages {
  messages: PlainMessage[];
  warnings: ChatWarning[];
  /** `chat_template_kwargs` that keep earlier reasoning in the prompt; empty when there are none to keep. */
  keepReasoningKwargs: Readonly<Record<string, unknown>>;
}

/** Rewrites a conversation as the model's template wants it: what the options say, else what the rules of its profile say. */
export function prepareMessages(
  messages: readonly ChatMessage[],
  options: HistoryOptions,
  rules: HistoryRules | undefined,
): PreparedMessages {
  const warnings: ChatWarning[] = [];
  let prepared = messages.map(toPlainMessage);
  let brokenCalls = 0;
  let hasReasoning = false;
  for (const message of prepared) {
    if (message.role === "developer" && toSystem(options, rules)) message.role = "system";
    if (message.role !== "assistant") continue;
    renameReasoning(message, options.reasoning ?? "reasoning");
    hasReasoning ||= message.reasoning !== undefined || message.reasoning_content !== undefined;
    brokenCalls += tidyCalls(message);
  }
  if (brokenCalls > 0) warnings.push(repaired(brokenCalls));
  const before = prepared;
  prepared = mergeSystemMessages(prepared, options, rules);
  if (prepared !== before && options.systemMessages === undefined)
    warnings.push(isBad(rules?.firstSystem) ? SYSTEM_FOLDED : SYSTEM_MERGED);
  const mergesUsers = options.consecutiveUser ?? (isBad(rules?.consecutiveUser) ? "merge" : "keep");
  if (mergesUsers === "merge") prepared = mergeConsecutiveUsers(prepared);
  const ids = options.toolCallIds ?? rules?.toolCallIds;
  if (ids === "mistral") rewriteToolCallIds(prepared, createMistralIds());
  if (ids === "kimi-k2") rewriteToolCallIds(prepared, kimiK2Ids);
  const keeps = hasReasoning && options.keepReasoning !== false;
  return { messages: prepared, warnings, keepReasoningKwargs: keeps ? (rules?.keepReasoningKwargs ?? {}) : {} };
}

function isBad(rule: MessageRule | undefined): boolean {
  return rule === "rejected" || rule === "dropped";
}

function toSystem(options: HistoryOptions, rules: HistoryRules | undefined): boolean {
  return (options.developerRole ?? (isBad(rules?.developerRole) ? "system" : "keep")) === "system";
}

/** The same list when nothing has to be merged. */
function mergeSystemMessages(
  messages: PlainMessage[],
  options: HistoryOptions,
  rules: HistoryRules | undefined,
): PlainMessage[] {
  const { systemMessages: wish } = options;
  if (wish === "keep") return messages;
  const places = messages.flatMap((message, index) => (message.role === "system" ? [index] : []));
  const firstOther = messages.findIndex((message) => message.role !== "system");
  const hasLater = firstOther >= 0 && places.some((place) => place > firstOther);
  const mergesAll = wish === undefined ? hasLater && isBad(rules?.laterSystem) : places.length > 1 || hasLater;
  const merged = mergesAll ? mergeSystem(messages) : messages;
  const isFolded = wish === "user" || (wish === undefined && isBad(rules?.firstSystem));
  if (isFolded && merged[0]?.role === "system") return foldLeadingSystem(merged);
  if (mergesAll) return merged;
  const mergesLeading = places.length > 1 && places[1] === 1 && isBad(rules?.secondSystem);
  return mergesLeading ? mergeLeadingSystem(messages) : messages;
}

/** Makes the calls of an assistant turn fit to be sent; the answer is how many had broken arguments. */
function tidyCalls(message: PlainMessage): number {
  const { tool_calls: calls } = message;
  const hasCalls = Array.isArray(calls) && calls.length > 0;
  if (!hasCalls) {
    delete message.tool_calls;
    // Templates write the word "None" for a turn that has neither text nor calls.
    message.content ??= "";
    return 0;
  }
  let broken = 0;
  for (const call of calls) {
    if (call.function === undefined) continue;
    call.type ??= "function";
    const { text, isBroken } = repairArguments(call.function.arguments);
    call.function.arguments = text;
    if (isBroken) broken += 1;
  }
  return broken;
}

function repaired(count: number): ChatWarning {
  const calls = count === 1 ? "A tool call" : `${count} tool calls`;
  return {
    code: "history-rewritten",
    message: `${calls} in the conversation had arguments that are not a JSON object. They are sent as {"${INVALID_ARGUMENTS_KEY}": "<the model's text>"}, so that the model sees what it wrote.`,
    hint: "Answer such a call with a tool result that says what is wrong, and do not run it.",
  };
}

const SYSTEM_FOLDED: ChatWarning = {
  code: "history-rewritten",
  message:
    "The model's template refuses or drops system messages, so their text is sent in front of the first user message.",
  hint: 'Nothing to do; or choose yourself: history: { systemMessages: "user" | "keep" }.',
};

const SYSTEM_MERGED: ChatWarning = {
  code: "history-rewritten",
  message:
    "The model's template refuses or drops further system messages, so all of them are sent as one, at the beginning.",
  hint: 'Send one system message, or choose yourself: history: { systemMessages: "merge" | "keep" }.',
};
