import type { VllmErrorCode } from "./codes.ts";
import type { VllmErrorFacts } from "./vllm-error.ts";

/** Facts that an error of any code may carry. */
type CommonFact = "status" | "requestId" | "url" | "retryAfterMs" | "rateLimit" | "headers" | "partial";

/** Facts that belong to one kind of error. */
export type ErrorFact = Exclude<keyof VllmErrorFacts, CommonFact>;

/**
 * Which facts an error of each code carries, where they are known; no other code carries them. `status`, `requestId`, `url`,
 * `retryAfterMs`, `rateLimit`, `headers` and `partial` go with every code.
 */
export const FACTS_OF_CODE = {
  CONFIG_INVALID: ["issues", "availableModels"],
  SERVER_UNREACHABLE: ["reason"],
  SERVER_STARTING: [],
  NOT_VLLM: [],
  WRONG_BASE_URL: [],
  AUTHENTICATION_FAILED: [],
  MODEL_NOT_FOUND: ["availableModels", "suggestion"],
  CONTEXT_LENGTH_EXCEEDED: ["maxModelLen", "promptTokens", "promptTokensAtLeast", "requestedTokens"],
  TOOL_PARSER_NOT_ENABLED: [],
  CHAT_TEMPLATE_REJECTED: [],
  INPUT_TYPE_NOT_SUPPORTED: ["reason"],
  INVALID_REQUEST: [],
  RATE_LIMITED: [],
  SERVER_ERROR: ["reason"],
  REQUEST_TIMEOUT: [],
  STREAM_IDLE_TIMEOUT: [],
  STREAM_MALFORMED: ["reason"],
  RESPONSE_TOO_LARGE: [],
  STREAM_ENDED_EARLY: [],
  ENGINE_FAILED: [],
  OUTPUT_INVALID: [],
  ABORTED: [],
} as const satisfies Record<VllmErrorCode, readonly ErrorFact[]>;

/** The facts of an error of that code: `FactsOf<"MODEL_NOT_FOUND">` is `{ availableModels?, suggestion? }`. */
export type FactsOf<Code extends VllmErrorCode> = Pick<VllmErrorFacts, (typeof FACTS_OF_CODE)[Code][number]>;
