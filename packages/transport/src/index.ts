export { createFetch } from "./create-fetch.ts";
export type { CreateFetchOptions } from "./create-fetch.ts";
export type { Environment } from "./options/environment.ts";
export type { FetchFunction } from "./fetch/fetch-transport.ts";
export type { Logger } from "./log/logger.ts";
export type { TlsOptions } from "./options/tls-options.ts";
