/** Words of Deno's fetch (hyper, rustls) → the system code that Node gives the same failure. */
const DENO: readonly [RegExp, string][] = [
  [/connection refused/i, "ECONNREFUSED"],
  [/dns error/i, "ENOTFOUND"],
  [/timed out|no route to host|network is unreachable/i, "ETIMEDOUT"],
  [/InvalidContentType/, "ERR_SSL_WRONG_VERSION_NUMBER"],
  [/peer certificate.{0,200}expired/i, "CERT_HAS_EXPIRED"],
  [/peer certificate.{0,200}not valid for name/i, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [/peer certificate/i, "CERT_UNTRUSTED"],
  [/invalid HTTP version/, "HPE_INVALID_CONSTANT"],
  [/connection reset|connection closed|broken pipe|error reading a body/i, "ECONNRESET"],
];
const IS_DENO = /^error (sending request|reading a body)|\(os error \d+\)$/;
/** Chromium, Firefox, Safari: all that a browser tells of a refused connection, a missing CORS header, a certificate. */
const IS_BROWSER = /^(Failed to fetch|NetworkError when attempting to fetch resource\.?|Load failed)$/;

/** A code for a failure that a runtime's fetch tells in words only; undefined for the words of anyone else. */
export function codeOfFetchWords(message: unknown): string | undefined {
  if (typeof message !== "string") return undefined;
  if (message === "bad port") return "BAD_PORT";
  if (IS_BROWSER.test(message)) return "BROWSER_FETCH";
  return IS_DENO.test(message) ? DENO.find(([pattern]) => pattern.test(message))?.[1] : undefined;
}
