import type { Rule } from "./rule.ts";

/** A draining vLLM's, on connections that were open before; a whole server that ends because one of its processes did says the same. */
const SHUT_DOWN = /cannot schedule new futures after shutdown/i;

export const shuttingDown: Rule = ({ message, url }) => {
  if (!SHUT_DOWN.test(message)) return undefined;
  return {
    code: "ENGINE_FAILED",
    reason: "shutting-down",
    message: `The server is shutting down and takes no more requests (${url}).`,
    hint: "Send the request again: a router gives it to another server, and a single server has to be started again. To restart servers one by one without failed requests, see docs/scale-out.md.",
    isRetryable: true,
  };
};
