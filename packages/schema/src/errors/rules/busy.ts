import { settings } from "./router.ts";
import type { Rule } from "./rule.ts";

const MORE = { "vllm-router": "--max-concurrent-requests, --queue-size" };

export const busy: Rule = ({ message, status, url, router: name }) => {
  if (/model is currently scaling/.test(message)) {
    return {
      code: "SERVER_STARTING",
      message: `The server at ${url} is changing its size and takes no requests meanwhile (${status}).`,
      hint: "Wait and try again.",
      isRetryable: true,
    };
  }
  const isFullQueue = /engine is currently busy|prefill token backlog limit/.test(message);
  if (status !== 429 && !isFullQueue) return undefined;
  return {
    code: "RATE_LIMITED",
    message: `The server at ${url} is full (${status}).`,
    hint: `Wait and try again, send fewer requests at once, or raise the limit${settings(name, MORE)}.`,
    isRetryable: true,
  };
};
