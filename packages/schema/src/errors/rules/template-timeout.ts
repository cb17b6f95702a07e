import type { Rule } from "./rule.ts";

/** vLLM's limit for what comes before the model: the chat template and the tokenizer. */
const TIMED_OUT = /Chat template rendering timed out after ([\d.]{1,12})/;

export const templateTimeout: Rule = ({ message, url }) => {
  const seconds = TIMED_OUT.exec(message)?.[1];
  if (seconds === undefined) return undefined;
  return {
    code: "SERVER_ERROR",
    message: `The server did not get the request into the form of the chat template within ${Number(seconds)} s (${url}).`,
    hint: "The prompt is too long for this server to prepare, or the server is overloaded: send less, or start vLLM with more time (environment variable VLLM_CHAT_TEMPLATE_RENDER_TIMEOUT=<seconds>).",
    isRetryable: true,
  };
};
