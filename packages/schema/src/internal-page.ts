/**
 * What the client and the transport take of `./core` at run time, without the rules that explain what servers say: their builds for pages
 * import this in its place, because a bundler gives a page all that an entry hands on and any part of the program uses.
 */
export { DEFAULTS } from "./config/defaults.ts";
export { readAddress } from "./config/read-address.ts";
export { VLLM_ERROR_CODES } from "./errors/codes.ts";
export { ConfigError } from "./errors/config-error.ts";
export { errorFromNetwork } from "./errors/from-network.ts";
export { VllmError } from "./errors/vllm-error.ts";
export { DEFAULT_LIMITS } from "./limits/limits.ts";
export { notServed } from "./model/not-served.ts";
export { displayUrl } from "./text/display-url.ts";
export { nearest } from "./text/nearest.ts";
