/** For the other `@vllm` packages of the same version: nothing in here is promised to anybody else. Free of zod, as `./core` is. */
export { formatConfigPath } from "./config/config-path.ts";
export type { ConfigPath } from "./config/config-path.ts";
export { QUERY_IGNORED } from "./config/query-ignored.ts";
export { isLineEnd, scanDocument, skipBlankFrom, skipBlankOnLine } from "./config/scan-document.ts";
export type { ArrayNode, DocumentNode, ObjectNode } from "./config/scan-document.ts";
export { aborted } from "./errors/aborted.ts";
export { errorFromLimit } from "./errors/from-limit.ts";
export type { EndingLimit } from "./errors/from-limit.ts";
export { parseRateLimit } from "./errors/rate-limit.ts";
export { isRecord } from "./is-record.ts";
export { isLimit, parseLimits } from "./limits/limits.ts";
export { basicAuthorization } from "./text/basic-authorization.ts";
export { sendableApiKey } from "./text/clean-api-key.ts";
export { isDeeperThan } from "./text/is-deeper-than.ts";
export { parseJson } from "./text/parse-json.ts";
export { printable } from "./text/printable.ts";
export { substituteVariables, variableReference } from "./text/substitute-variables.ts";
export { VERSION } from "./version.ts";
