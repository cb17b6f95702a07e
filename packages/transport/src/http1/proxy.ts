import { basicAuthorization } from "@vllm/schema/core";

/** A proxy to ask for a server. */
export interface Proxy {
  host: string;
  port: number;
  isTls: boolean;
  /** Value of `Proxy-Authorization`. */
  authorization: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (or their lower-case forms, which win) name for an address, as curl
 * reads them. Loopback addresses never go through one, as in Go: a proxy's loopback is the proxy's own.
 */
export function findProxy(target: URL, environment: Environment): Proxy | undefined {
  if (isLoopback(target.hostname) || isExempt(target, read(environment, "no_proxy"))) return undefined;
  const text = read(environment, target.protocol === "https:" ? "https_proxy" : "http_proxy");
  if (text === "") return undefined;
  const withScheme = text.includes("://") ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  const isTls = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    authorization: basicAuthorization(url),
  };
}

function read(environment: Environment, name: string): string {
  return (environment[name] || environment[name.toUpperCase()] || "").trim();
}

function isLoopback(hostname: string): boolean {
  return /^(?:.+\.)?localhost$|^127\.\d+\.\d+\.\d+$|^\[::1\]$/.test(hostname);
}

/** `[::1]:8000`, `host:8000`, either without the port. */
const HOST_AND_PORT = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/;

/** Entries are host names (with all their subdomains), addresses, either with a port, or `*`. */
function isExempt(target: URL, list: string): boolean {
  const hostname = target.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => {
      if (entry === "*") return true;
      const [, bracketed, plain, wantedPort] = HOST_AND_PORT.exec(entry) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      // What has no such form is an IPv6 address without brackets, which has no room for a port.
      const name = (bracketed ?? plain ?? (/:.*:/.test(entry) ? entry : "")).replace(/^\*?\./, "");
      return name !== "" && (hostname === name || hostname.endsWith(`.${name}`));
    });
}
