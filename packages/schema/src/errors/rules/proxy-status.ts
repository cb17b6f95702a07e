import type { Finding, Rule } from "./rule.ts";

/** Statuses that vLLM never sends: a proxy's own words for what happened between it and the server. */
export const proxyStatus: Rule = ({ status, httpStatus, url }) => {
  const known = httpStatus === status ? STATUSES[status] : undefined;
  if (known === undefined) return undefined;
  const { said, hint, ...facts } = known;
  return { code: "SERVER_ERROR", ...facts, message: `${said} (${status} from ${url}).`, hint, isRetryable: true };
};

type Known = Pick<Finding, "hint"> & { said: string; code?: "REQUEST_TIMEOUT"; reason?: "upstream-unreachable" };

/** The request has not reached the server. */
const unreached = (said: string, hint: string): Known => ({ reason: "upstream-unreachable", said, hint });
/** The server has it, and may still be at work on it. */
const gaveUp = (said: string, hint: string): Known => ({ code: "REQUEST_TIMEOUT", said, hint });

export const STILL_AT_WORK = "The server may still be at work on the request, so it was not sent again.";
const CHECK_ORIGIN = "Check that the server runs and that the proxy may reach its address and port.";

const STATUSES: Readonly<Record<number, Known>> = {
  499: {
    said: "A proxy on the way says that its client had left before the server answered",
    hint: `Another proxy in front of it gave up waiting: raise that one's read timeout, or stream the answer. ${STILL_AT_WORK}`,
  },
  520: {
    said: "Cloudflare got an answer from the server that it could not read, or none",
    hint: `Look at the log of the server: it may have been restarted or have crashed. ${STILL_AT_WORK}`,
  },
  521: unreached("Cloudflare could not reach the server: it refused the connection", CHECK_ORIGIN),
  522: unreached("Cloudflare could not reach the server: it did not accept a connection in time", CHECK_ORIGIN),
  523: unreached(
    "Cloudflare could not reach the server: there is no way to its address",
    "Check the DNS record and the routes to the server.",
  ),
  524: gaveUp(
    "Cloudflare gave up waiting: it had sent the request, and no byte came back in time (100 s unless set otherwise)",
    `Stream the answer (stream: true) and start vLLM with --sse-keep-alive-interval 15, or go around Cloudflare. ${STILL_AT_WORK}`,
  ),
  525: unreached(
    "Cloudflare could not reach the server: the TLS handshake failed",
    "Check the certificate and the TLS versions of the server, or Cloudflare's SSL mode for it.",
  ),
  526: unreached(
    "Cloudflare could not reach the server: its certificate is not valid",
    "Renew the server's certificate, or change Cloudflare's SSL mode for it.",
  ),
  527: unreached("Cloudflare could not reach the server: the connection to its Railgun listener failed", CHECK_ORIGIN),
  530: unreached(
    "Cloudflare could not reach the server: its name or its tunnel is not known",
    "Check the DNS record, and that cloudflared runs (error 1016 or 1033 in the page).",
  ),
  598: gaveUp(
    "A proxy in front of the server gave up waiting for its answer",
    `Raise its read timeout. ${STILL_AT_WORK}`,
  ),
  599: unreached("A proxy in front of the server could not connect to it in time", CHECK_ORIGIN),
};
