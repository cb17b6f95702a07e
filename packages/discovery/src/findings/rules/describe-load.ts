import type { ServerCapacity } from "../../report/server-capacity.ts";

/** What the server works on; undefined when it is idle or does not say it. */
export function describeLoad(capacity: ServerCapacity | undefined): string | undefined {
  const { running = 0, waiting = 0, kvCacheUsage = 0 } = capacity ?? {};
  if (running + waiting === 0) return undefined;
  const cache = kvCacheUsage > 0.95 ? `, and the KV cache is ${Math.round(kvCacheUsage * 100)} % full` : "";
  return `${running} ${running === 1 ? "request runs" : "requests run"} and ${waiting} wait${waiting === 1 ? "s" : ""}${cache}`;
}
