import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { jsonOf } from "../http/probe-outcome.ts";
import type { ModelList } from "../models/read-model-list.ts";
import { readModelList } from "../models/read-model-list.ts";
import type { ServerVerdict } from "./classify-server.ts";
import { classifyServer, readVersion } from "./classify-server.ts";
import type { Snapshot } from "./snapshot.ts";
import type { ServerCapacity } from "../report/server-capacity.ts";
import { readMetrics } from "./read-metrics.ts";

/** What the answers say, as far as there are answers. */
export interface SnapshotFacts {
  verdict: ServerVerdict;
  /** vLLM's. production-stack's router says its own there. */
  version: string | undefined;
  list: ModelList | undefined;
  capacity: ServerCapacity | undefined;
}

export function readSnapshot(snapshot: Snapshot): SnapshotFacts {
  const verdict = classifyServer(snapshot);
  const capacity = readCapacity(snapshot.metrics);
  const isAsleep = verdict.state === "ready" && capacity?.isSleeping === true;
  return {
    verdict: isAsleep ? { ...verdict, state: "asleep", healthy: false } : verdict,
    capacity,
    version: verdict.kind === "production-stack" ? undefined : readVersion(snapshot.version),
    list: readModelList(jsonOf(snapshot.models)),
  };
}

const read = new WeakMap<ProbeOutcome, ServerCapacity | undefined>();

/** A probe is read more than once; the one long answer of it is not. */
function readCapacity(metrics: ProbeOutcome): ServerCapacity | undefined {
  if (metrics.kind !== "answer" || metrics.status !== 200) return undefined;
  if (!read.has(metrics)) read.set(metrics, readMetrics(metrics.body));
  return read.get(metrics);
}
