import type { Environment } from "../../agents/environment.ts";

const OWN = ["127.0.0.1", "localhost"];

/** Variables that let an agent reach the bridge past a proxy: many agents ask a proxy for loopback addresses, too. */
export function pastProxy(env: Environment): Record<string, string> {
  const hasProxy = ["http_proxy", "https_proxy", "all_proxy"].some((name) => setTo(env, name) !== undefined);
  if (!hasProxy) return {};
  const earlier = setTo(env, "no_proxy");
  const hosts = [...(earlier === undefined ? [] : [earlier]), ...OWN].join(",");
  return { NO_PROXY: hosts, no_proxy: hosts };
}

function setTo(env: Environment, name: string): string | undefined {
  const value = env[name] ?? env[name.toUpperCase()];
  return value === undefined || value.trim() === "" ? undefined : value;
}
