import type { ProbeOutcome } from "../http/probe-outcome.ts";
import type { ServerKind } from "../report/server-report.ts";
import type { Snapshot } from "./snapshot.ts";

/** Kinds that are routers of vLLM's. */
const ROUTERS: Readonly<Partial<Record<ServerKind, string>>> = {
  "vllm-router": "vllm-router",
  "production-stack": "production-stack's router",
  litellm: "LiteLLM",
  "ray-serve": "Ray Serve",
};

const PROXIES = /^(nginx|openresty|envoy|istio-envoy|haproxy|traefik|caddy|apache)\b/i;

/** What stands before vLLM, by its own marks or by its `Server` header; undefined where nothing shows it. */
export function findRouter(kind: ServerKind, { models, version }: Snapshot): string | undefined {
  return ROUTERS[kind] ?? proxyOf(models) ?? proxyOf(version);
}

function proxyOf(outcome: ProbeOutcome): string | undefined {
  if (outcome.kind !== "answer") return undefined;
  return PROXIES.exec(outcome.headers["server"] ?? "")?.[1]?.toLowerCase();
}
