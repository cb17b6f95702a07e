import type { UnreachableReason } from "./vllm-error.ts";

const REASONS: readonly [RegExp, UnreachableReason][] = [
  [/^ECONNREFUSED$/, "refused"],
  [/^(ENOTFOUND|EAI_\w+)$/, "dns"],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|UND_ERR_CONNECT_TIMEOUT|ERR_SOCKET_CONNECTION_TIMEOUT)$/,
    "timeout",
  ],
  [/PROXY|_PRX_/, "proxy"],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_CLOSED|ERR_STREAM_PREMATURE_CLOSE)$/, "reset"],
  [/CERT|SIGNATURE|^ERR_(TLS|SSL)|^EPROTO$|^UNABLE_TO/, "tls"],
];

/** The reason that a system code of Node, undici, OpenSSL or c-ares stands for. */
export function reasonOf(systemCode: string | undefined): UnreachableReason {
  if (systemCode === undefined) return "other";
  return REASONS.find(([pattern]) => pattern.test(systemCode))?.[1] ?? "other";
}

/** One link of an error's cause chain; nothing is known of its fields. */
export interface Cause {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  /** Of a proxy's answer. */
  status?: unknown;
}

/** The error and its causes, outermost first; the first of several attempts at one name stands for all. */
export function causeChain(error: unknown): Cause[] {
  const chain: object[] = [];
  for (let current = error; typeof current === "object" && current !== null && chain.length < 8;) {
    chain.push(current);
    const { cause, errors } = current as { cause?: unknown; errors?: unknown };
    current = cause ?? (Array.isArray(errors) ? (errors as unknown[])[0] : undefined);
  }
  return chain;
}
