import type { RouterName } from "../which-router.ts";
import { STILL_AT_WORK } from "./proxy-status.ts";
import type { Finding, Rule } from "./rule.ts";

/** What a router or proxy says when it cannot pass the request on, or back. */
export const router: Rule = ({ message, status, url, body, router: name }) => {
  if (status === 407) {
    return {
      code: "SERVER_UNREACHABLE",
      reason: "proxy",
      message: "The HTTP proxy on the way requires a user name and password (407).",
      hint: "Put them into HTTP_PROXY and HTTPS_PROXY, or add the server's host to NO_PROXY.",
    };
  }
  if (status === 413) {
    return {
      code: "INVALID_REQUEST",
      message: "The request is larger than a proxy or router in front of the server allows (413).",
      hint: `Raise its limit${settings(name, MORE_BYTES)}, or send less.`,
    };
  }
  if (status === 408) {
    return {
      code: "REQUEST_TIMEOUT",
      message: `A router in front of the server kept the request in its queue for too long (408 from ${url}).`,
      hint: `Try again later, send fewer requests at once, or let the router pass on more${settings(name, MORE_REQUESTS)}.`,
      isRetryable: true,
    };
  }
  if (status === 504) {
    return {
      code: "REQUEST_TIMEOUT",
      message: `A proxy or router in front of the server gave up waiting (504 from ${url}).`,
      hint: `Raise its read timeout${settings(name, MORE_TIME)}, or look whether the server is stuck. ${STILL_AT_WORK}`,
      isRetryable: true,
    };
  }
  return unreachableServer({ message, status, url, name, isTyped: body.type !== undefined });
};

type Settings = Readonly<Partial<Record<RouterName, string>>>;

const MORE_BYTES: Settings = { nginx: "client_max_body_size 0", "vllm-router": "--max-payload-size" };
const MORE_REQUESTS: Settings = { "vllm-router": "--max-concurrent-requests" };
const MORE_TIME: Settings = { nginx: "proxy_read_timeout 3600s", haproxy: "timeout server 1h" };

/** In brackets: the setting of the router that answered, and those of all where it is not known. */
export function settings(name: RouterName | undefined, of: Settings): string {
  const shown = Object.entries(of).filter(([each]) => name === undefined || each === name);
  return shown.length === 0 ? "" : ` (${shown.map(([each, setting]) => `${each}: ${setting}`).join("; ")})`;
}

const NO_SERVER: readonly RegExp[] = [
  /No available workers|No workers are currently available/,
  /^Request failed: error sending request for url/,
  /is temporarily unavailable\. Please try again later/,
  /Cannot connect to host/,
  /Response payload is not completed/,
  /No vLLM back ?end answered/,
];

/** How each of them gets past a dead server. */
const SOONER: Settings = {
  "vllm-router":
    " vllm-router finds dead servers sooner with --health-check-interval-secs 5 --health-failure-threshold 1 --cb-failure-threshold 2.",
  nginx:
    " nginx tries another server with proxy_next_upstream error http_500 http_502 http_503 non_idempotent, where its upstream has one.",
  LiteLLM: " LiteLLM tries another server with num_retries in router_settings, where the model has one.",
};

interface Unreachable {
  message: string;
  status: number;
  url: string;
  name: RouterName | undefined;
  isTyped: boolean;
}

function unreachableServer({ message, status, url, name, isTyped }: Unreachable): Finding | undefined {
  // vLLM gives its own 503 a type.
  const isGateway = (status === 502 || status === 503) && !isTyped;
  if (status < 500 || (!isGateway && !NO_SERVER.some((text) => text.test(message)))) return undefined;
  return {
    code: "SERVER_ERROR",
    reason: "upstream-unreachable",
    message: `A router or proxy could not reach a vLLM server behind it (${status} from ${url}).`,
    hint: `The server behind it is down, loading or restarting: look at its log and try again.${(name && SOONER[name]) ?? ""}`,
    isRetryable: true,
  };
}
