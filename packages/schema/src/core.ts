/** Everything that needs no zod: errors, addresses, model refs, the default model, defaults, profiles. `@vllm/schema/core` keeps a streaming program's start fast. */
export { normalizeBaseUrl } from "./config/normalize-base-url.ts";
export { readAddress } from "./config/read-address.ts";
export type { ServerAddress } from "./config/read-address.ts";
export { displayUrl } from "./text/display-url.ts";
export type { BaseUrl } from "./text/parse-base-url.ts";
export { DEFAULTS } from "./config/defaults.ts";
export { findModelAlias, resolvePrimaryModel } from "./config/primary-model.ts";
export { VLLM_ERROR_CODES } from "./errors/codes.ts";
export type { VllmErrorCode } from "./errors/codes.ts";
export { ConfigError } from "./errors/config-error.ts";
export { readErrorBody, readErrorValue } from "./errors/error-body.ts";
export type { ErrorBody } from "./errors/error-body.ts";
export { FACTS_OF_CODE } from "./errors/facts-of-code.ts";
export type { ErrorFact, FactsOf } from "./errors/facts-of-code.ts";
export { errorFromNetwork } from "./errors/from-network.ts";
export type { RateLimit, RateLimitQuota } from "./errors/rate-limit.ts";
export { formatVllmError } from "./errors/format-error.ts";
export { errorFromResponse, errorFromStreamEvent } from "./errors/from-response.ts";
export type { ErrorContext } from "./errors/error-context.ts";
export type { ErrorAnswer } from "./errors/from-response.ts";
export type { PartialAnswer, PartialToolCall } from "./errors/partial-answer.ts";
export { VllmError } from "./errors/vllm-error.ts";
export type {
  ConfigIssue,
  ErrorReason,
  UnreachableReason,
  VllmErrorFacts,
  VllmErrorOptions,
} from "./errors/vllm-error.ts";
export { DEFAULT_LIMITS } from "./limits/limits.ts";
export type { LimitOptions, Limits } from "./limits/limits.ts";
export {
  formatModelRef,
  isVllmProviderId,
  normalizeProviderId,
  parseModelRef,
  safeParseModelRef,
} from "./model/model-ref.ts";
export type { ModelRef } from "./model/model-ref.ts";
export { notServed } from "./model/not-served.ts";
export type { NotServed, NotServedOptions } from "./model/not-served.ts";
export type {
  CapabilityStatus,
  Fact,
  FactSource,
  HistoryRules,
  InputKind,
  MessageRule,
  ModelProfile,
  ThinkingControl,
  ThinkingRequest,
  ToolCallFormat,
} from "./model/model-profile.ts";
export { cleanApiKey } from "./text/clean-api-key.ts";
export { nearest } from "./text/nearest.ts";
