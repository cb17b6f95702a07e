/** Words of Deno's fetch (hyper, rustls) → the system code that Node gives the same failure. */
const CODES: readonly [RegExp, string][] = [
  [/connection refused/i, "ECONNREFUSED"],
  [/dns error/i, "ENOTFOUND"],
  [/timed out|no route to host|network is unreachable/i, "ETIMEDOUT"],
  [/InvalidContentType/, "ERR_SSL_WRONG_VERSION_NUMBER"],
  [/peer certificate.*expired/i, "CERT_HAS_EXPIRED"],
  [/peer certificate.*not valid for name/i, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [/peer certificate/i, "CERT_UNTRUSTED"],
  [/invalid HTTP version/, "HPE_INVALID_CONSTANT"],
  [/connection reset|connection closed|broken pipe|error reading a body/i, "ECONNRESET"],
];

/** Deno tells in words alone why it got no answer. Undefined for the words of anyone else. */
export function codeOfDenoWords(message: unknown): string | undefined {
  if (typeof message !== "string" || !/^error (sending request|reading a body)|\(os error \d+\)$/.test(message)) {
    return undefined;
  }
  return CODES.find(([pattern]) => pattern.test(message))?.[1];
}
