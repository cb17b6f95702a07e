import { jsonOf, statusOf } from "../http/probe-outcome.ts";
import { readModelList } from "../models/read-model-list.ts";
import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import type { Snapshot } from "./snapshot.ts";
import type { ServerCapacity } from "../report/server-capacity.ts";
import type { RouteTable } from "./routes.ts";
import type { ServerCapabilities, ServerKind } from "../report/server-report.ts";

/** What one probe showed about the whole server. Pure. */
export function toCapabilities(seen: {
  kind: ServerKind;
  snapshot: Snapshot;
  routes: RouteTable;
  capacity: ServerCapacity | undefined;
  tokenize: Capability;
}): ServerCapabilities {
  const { kind, snapshot, routes, capacity } = seen;
  return {
    apiKey: keyOf(kind, snapshot),
    openWithoutKey: openWithoutKey(snapshot),
    tokenize: seen.tokenize,
    responses: routes.responses,
    messages: routes.messages,
    embeddings: routes.embeddings,
    rerank: routes.rerank,
    transcription: routes.transcription,
    loraLoading: routes.loraLoading,
    prefixCaching: prefixCaching(capacity),
    browserAccess: browserAccess(snapshot),
  };
}

function keyOf(kind: ServerKind, { models, modelsWithoutKey }: Snapshot): Capability {
  const withoutKey = modelsWithoutKey.kind === "not-asked" ? models : modelsWithoutKey;
  const status = statusOf(withoutKey);
  if (status === 401 || status === 403) return yes(`/v1/models answers ${status} without a key`, "server");
  if (readModelList(jsonOf(withoutKey)) === undefined) return unknown("/v1/models without a key told nothing");
  if (kind === "production-stack") return unknown("the router lists models without a key; its servers may require one");
  return no("/v1/models answers without a key", "server");
}

function openWithoutKey({ invocations }: Snapshot): Capability {
  const status = statusOf(invocations);
  if (status === 405)
    return yes(
      "GET /invocations answers 405 without a key: the route is there, and the key does not guard it",
      "server",
    );
  if (status === 401 || status === 403) return no(`/invocations answers ${status} without a key`, "server");
  if (status === 404) return no("/invocations answers 404", "server");
  return unknown("nobody asked");
}

function prefixCaching(capacity: ServerCapacity | undefined): Capability {
  const isOn = capacity?.prefixCaching;
  if (isOn === undefined) return unknown("/metrics does not say it");
  return (isOn ? yes : no)(`/metrics: enable_prefix_caching is ${isOn ? "True" : "False"}`, "server");
}

function browserAccess({ health }: Snapshot): Capability {
  if (health.kind !== "answer" || health.status !== 200) return unknown("nobody asked");
  const allowed = health.headers["access-control-allow-origin"];
  return allowed === undefined
    ? no("GET /health with the Origin http://localhost brings no access-control-allow-origin", "server")
    : yes("GET /health with the Origin http://localhost brings access-control-allow-origin", "server");
}
