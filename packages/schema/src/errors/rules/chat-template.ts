import { quoteServer } from "../quote-server.ts";
import type { Rule } from "./rule.ts";

/** A template's own words are free; these are the ones that templates of known models raise, and vLLM's around them. */
const REFUSALS =
  /must be at the beginning|must alternate|Only user(?:,| and) .{0,200}roles? (?:is|are) supported|(?:Unexpected|Unsupported|Unknown|Invalid) message role|System role not supported|System message cannot contain|No user query found|empty conversation|list index out of range|single tool-calls? at once|previous assistant message with a tool call|Expected last role|Tool call IDs? should be|same number of function calls and responses|chat template/i;

/** The role itself is refused, wherever the message stands. `got system` alone is also said of a later one. */
const REFUSES_SYSTEM =
  /system (?:role|prompt|message)s? (?:is |are )?not supported|(?:does not|doesn't) support (?:a |the |any )?system (?:role|prompt|message)|only user and assistant roles? (?:are|is) supported/i;

export const chatTemplate: Rule = ({ message, status }) => {
  if (status >= 500 || !(REFUSALS.test(message) || REFUSES_SYSTEM.test(message))) return undefined;
  if (/trust-request-chat-template/.test(message)) return undefined;
  if (/default chat template is no longer allowed/.test(message)) {
    return {
      code: "CHAT_TEMPLATE_REJECTED",
      message: "The model comes without a chat template, so the server cannot hold a conversation with it.",
      hint: "Start the server with --chat-template <file>, or serve the instruction-tuned (chat) variant of the model.",
    };
  }
  if (/empty conversation|list index out of range/.test(message)) {
    return {
      code: "CHAT_TEMPLATE_REJECTED",
      message: "The model's chat template cannot render a conversation without messages.",
      hint: "Send at least one user message.",
    };
  }
  if (REFUSES_SYSTEM.test(message)) {
    return {
      code: "CHAT_TEMPLATE_REJECTED",
      reason: "system-role",
      message: `The model's chat template refused the messages: ${quoteServer(message)}`,
      hint: 'The template has no system message: put its text into the first user message. @vllm/client does when told to: history: { systemMessages: "user" }, brokenCalls: "retry", or the model\'s profile. Or start the server with a template that has one (--chat-template).',
    };
  }
  return {
    code: "CHAT_TEMPLATE_REJECTED",
    message: `The model's chat template refused the messages: ${quoteServer(message)}`,
    hint: 'Most templates require one system message at the beginning, user and assistant turns in alternation, and no developer role. @vllm/client rewrites the messages when told to: history: { systemMessages: "merge", consecutiveUser: "merge", developerRole: "system" }, or the model\'s profile.',
  };
};
