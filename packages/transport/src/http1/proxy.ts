import { VllmError } from "@vllm/schema/core";
import { basicAuthorization } from "@vllm/schema/internal";
import { isOnThisMachine } from "./address-set.ts";
import { isExempt } from "./no-proxy.ts";
import type { Environment } from "../options/environment.ts";

/** A proxy to ask for a server. */
export interface Proxy {
  host: string;
  port: number;
  isTls: boolean;
  /** Value of `Proxy-Authorization`. */
  authorization: string | undefined;
}

export interface ProxyOptions {
  /** An address, or false for none; undefined asks the environment. */
  proxy: string | false | undefined;
  environment: Environment;
}

/**
 * The proxy for an address: the one of the options, otherwise the one that the environment names (README.md has the table).
 *
 * @throws {VllmError} `SERVER_UNREACHABLE` for a variable that names no usable proxy, `CONFIG_INVALID` for such an option
 */
export function findProxy(target: URL, { proxy, environment }: ProxyOptions): Proxy | undefined {
  // A proxy's loopback is the proxy's own.
  if (proxy === false || isOnThisMachine(target.hostname)) return undefined;
  if (proxy !== undefined) return parseProxyOption(proxy);
  const scheme = target.protocol === "https:" ? "https_proxy" : "http_proxy";
  const named = readVariable(environment, scheme) ?? readVariable(environment, "all_proxy");
  if (named === undefined || isExempt(target, readVariable(environment, "no_proxy")?.value ?? "")) return undefined;
  const found = readProxy(named.value);
  if (typeof found === "string") throw unusableVariable(named.name, found, target);
  return found;
}

/** @throws {VllmError} `CONFIG_INVALID` for what is not the address of a proxy */
export function parseProxyOption(text: string): Proxy {
  const found = readProxy(text.trim());
  if (typeof found !== "string") return found;
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `proxy ${found}.`,
    hint: "Write it as http://host:port or https://host:port, or false for no proxy.",
  });
}

/** @returns what is wrong with it where it cannot be used; it may hold a password, so it is not repeated */
function readProxy(text: string): Proxy | string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme?.startsWith("socks") === true) return `names a SOCKS proxy (${scheme}://), which is not supported`;
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    return `names a proxy with ${scheme}://, which is not supported`;
  }
  const withScheme = scheme === undefined ? `http://${text}` : text;
  if (!URL.canParse(withScheme)) return "is not the address of a proxy";
  const url = new URL(withScheme);
  const isTls = url.protocol === "https:";
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
    isTls,
    authorization: basicAuthorization(url),
  };
}

/** Blank is unset, as for curl. */
function readVariable(environment: Environment, lowerName: string): { name: string; value: string } | undefined {
  for (const name of [lowerName, lowerName.toUpperCase()]) {
    const value = environment[name]?.trim() ?? "";
    if (value !== "") return { name, value };
  }
  return undefined;
}

function unusableVariable(name: string, problem: string, target: URL): VllmError {
  return new VllmError({
    code: "SERVER_UNREACHABLE",
    reason: "proxy",
    message: `The variable ${name} ${problem}; ${target.host} was not asked.`,
    hint: `Set ${name} to an HTTP proxy (http://host:port), or add ${target.hostname} to NO_PROXY to ask the server directly.`,
    isRetryable: false,
    url: target.origin,
  });
}
