export { createFetch } from "./create-fetch.ts";
export type { CreateFetchOptions } from "./create-fetch.ts";
export type { TlsOptions } from "./tls-options.ts";
