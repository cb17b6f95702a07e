import type { Rule } from "./rule.ts";

/** vLLM up to 0.12 says 400 for it inside a stream: the words count, not the code. */
const DEAD =
  /EngineCore encountered an issue|EngineDeadError|AsyncEngineDeadError|Background loop (?:has errored|is stopped)/i;

export const engineFailed: Rule = ({ message, status, body, url }) => {
  const isDeadHealth = status === 503 && message === "" && !body.isHtml && /\/(health|ping)$/.test(url);
  if (!DEAD.test(message) && !isDeadHealth) return undefined;
  return {
    code: "ENGINE_FAILED",
    message: "vLLM's engine process failed, so this request cannot be answered.",
    hint: "The cause is in the server's own log. The server ends itself after this: start it again (a supervisor that restarts it helps).",
    isRetryable: true,
  };
};
