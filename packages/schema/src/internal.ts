/** For the other `@vllm` packages of the same version: nothing in here is promised to anybody else. */
export { aborted } from "./errors/aborted.ts";
export { isRecord } from "./is-record.ts";
export { VERSION } from "./version.ts";
export { parseRateLimit } from "./errors/rate-limit.ts";
