import { detectLeak } from "../leaked-markup/index.ts";
import type { ChatWarning } from "./warning.ts";

export interface LeakQuestion {
  text: string;
  hasThinking: boolean;
  hasCalls: boolean;
  /** The request had tools that the model was free to call. */
  mayCall: boolean;
  /** The request had tools and `tool_choice: "none"`. vLLM shows them to the model all the same. */
  forbidsCalls: boolean;
  /** What was looked for in the text already, and taken out. */
  recovered: { thinkTags: boolean; toolCallText: boolean };
}

/** Reasoning and calls that stand in the text because the server has no parser for them, or the wrong one. */
export function findLeakedMarkup(question: LeakQuestion): ChatWarning[] {
  const { text, hasThinking, hasCalls, mayCall, forbidsCalls, recovered } = question;
  const warnings: ChatWarning[] = [];
  const possible = {
    thinking: !hasThinking,
    calls: (mayCall || forbidsCalls) && !hasCalls,
  };
  for (const { kind, marker, flags, isRecoverable } of detectLeak(text, possible)) {
    const flag = flags.join(" or ");
    if (kind === "tool-call" && mayCall && recovered.toolCallText && isRecoverable) {
      warnings.push({
        code: "tool-call-in-text",
        message: `The answer's text holds what looks like a tool call (${marker}) and is none: it is not closed, its JSON is broken, or no tool of the request has its name.`,
        hint: "Nothing of it may be run. Ask the model to send the call again, whole.",
      });
      continue;
    }
    if (kind === "thinking" && recovered.thinkTags) {
      warnings.push({
        code: "thinking-in-text",
        message: `The answer's text holds the end of reasoning (${marker}) whose start is not there: the chat template wrote it.`,
        hint: `Tell the client so (profile.thoughtOpenedByTemplate, which @vllm/discovery finds out), or start the server with ${flag}.`,
      });
    } else if (kind === "thinking") {
      warnings.push({
        code: "thinking-in-text",
        message: `The answer's text holds the model's reasoning: it has a raw ${marker} tag.`,
        hint: `Start the server with ${flag}, or let the client find reasoning in the text (recover: { thinkTags: true }).`,
      });
    }
    if (kind === "tool-call" && mayCall) {
      warnings.push({
        code: "tool-call-in-text",
        message: `The answer's text holds a raw tool call (${marker}): the server's tool parser does not know this model's format.`,
        hint: `Start the server with ${flag}${isRecoverable ? ", or let the client find calls in the text (recover: { toolCallText: true })" : ""}.`,
      });
    }
    if (kind === "tool-call" && forbidsCalls) {
      warnings.push({
        code: "tool-call-in-text",
        message: `The model called a tool although tool_choice is "none": the answer's text holds the call (${marker}).`,
        hint: "Leave tools out of this request, or start the server with --exclude-tools-when-tool-choice-none: otherwise vLLM shows them to the model.",
      });
    }
  }
  return warnings;
}

export function thinkingUsedUpBudget(reasoningTokens: number | undefined): ChatWarning {
  const size = reasoningTokens === undefined ? "" : ` (${reasoningTokens} tokens)`;
  return {
    code: "thinking-used-up-budget",
    message: `The token limit was used up by the model's reasoning${size}; there is no answer.`,
    hint: 'Raise the output limit (max_tokens), give the reasoning a budget (thinking: { budgetTokens }), or turn it off (thinking: "off").',
  };
}
