import type { ProbeHttp } from "../http/create-probe-http.ts";
import { jsonOf, NOT_ASKED, type ProbeOutcome } from "../http/probe-outcome.ts";
import { readModelList } from "../models/read-model-list.ts";
import type { FleetFacts, SeenServer } from "../report/fleet-facts.ts";
import type { ServerKind } from "../report/server-report.ts";
import { escapeUnsafe } from "../text/safe-text.ts";
import { readVersion } from "./classify-server.ts";
import { findRouter } from "./find-router.ts";
import { readMetrics } from "./read-metrics.ts";
import type { Snapshot } from "./snapshot.ts";

export interface AskFleetOptions {
  http: ProbeHttp;
  apiRoot: string;
  serverRoot: string;
  kind: ServerKind;
  snapshot: Snapshot;
  timeoutMs: number;
}

/** Other sessions than the probe's own; of two servers, one in 64 times all of them meet the same one. */
const SESSIONS = Array.from({ length: 6 }, (_, index) => `probe-other-${index + 1}`);

/** Who is behind a router: undefined where nothing shows one. Asks for lists and versions with other session ids, nothing that costs a token. */
export async function askFleet(options: AskFleetOptions): Promise<FleetFacts | undefined> {
  const { kind, snapshot } = options;
  const router = findRouter(kind, snapshot);
  if (router === undefined) return undefined;
  const others = kind === "litellm" ? [] : await Promise.all(SESSIONS.map((session) => askServer(options, session)));
  const own = toSeen(snapshot.models, snapshot.version, snapshot.metrics);
  return {
    router,
    count: readCount(snapshot.readiness),
    down: readDown(snapshot.health),
    seen: distinct([own, ...others].filter((seen) => seen !== undefined)),
  };
}

async function askServer(
  { http, apiRoot, serverRoot, timeoutMs }: AskFleetOptions,
  session: string,
): Promise<SeenServer | undefined> {
  const question = { headers: { "x-session-id": session }, limitMs: Math.round(timeoutMs * 0.4) };
  const [models, version, metrics] = await Promise.all(
    [`${apiRoot}/models`, `${serverRoot}/version`, `${serverRoot}/metrics`].map((url) => http.ask(url, question)),
  );
  return toSeen(models ?? NOT_ASKED, version ?? NOT_ASKED, metrics ?? NOT_ASKED);
}

function toSeen(models: ProbeOutcome, version: ProbeOutcome, metrics: ProbeOutcome): SeenServer | undefined {
  const list = readModelList(jsonOf(models));
  if (list === undefined) return undefined;
  const hasMetrics = metrics.kind === "answer" && metrics.status === 200;
  return {
    models: list.models.map(({ id, window }) => ({ id, contextWindow: window?.value })),
    version: readVersion(version),
    startedAt: hasMetrics ? readMetrics(metrics.body)?.startedAt : undefined,
  };
}

function distinct(seen: readonly SeenServer[]): SeenServer[] {
  const byText = new Map(seen.map((server) => [JSON.stringify(server), server]));
  return [...byText.values()];
}

/** vllm-router: `{"status":"ready","healthy_workers":1,"total_workers":2}`. */
function readCount(readiness: ProbeOutcome): FleetFacts["count"] {
  const body = jsonOf(readiness) as { healthy_workers?: unknown; total_workers?: unknown } | null | undefined;
  const { healthy_workers: healthy, total_workers: total } = body ?? {};
  return typeof healthy === "number" && typeof total === "number" && total > 0 ? { total, healthy } : undefined;
}

const MOST_SHOWN = 20;

/** vllm-router: `Unhealthy servers: ["http://10.0.0.2:8000"]`. */
function readDown(health: ProbeOutcome): string[] {
  if (health.kind !== "answer" || !health.body.startsWith("Unhealthy servers: ")) return [];
  const addresses = health.body.slice(0, 10_000).match(/"https?:\/\/[\w.:[\]-]{1,200}/g) ?? [];
  return addresses.slice(0, MOST_SHOWN).map((address) => escapeUnsafe(address.slice(1)));
}
