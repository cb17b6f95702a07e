import { knowsRun, runOf } from "../report/is-same-run.ts";
import type { DiscoveredModel, ServerReport } from "../report/server-report.ts";

/** What is different from one probe to the next. */
export type ServerChange =
  /** The server can be used (again). */
  | { type: "up"; report: ServerReport }
  /** It cannot; `report.findings` tells why. Models are not reported as vanished: nobody knows. */
  | { type: "down"; report: ServerReport }
  /** Another process or another version answers. */
  | { type: "restarted"; report: ServerReport }
  /** A model or an adapter is served that was not. */
  | { type: "appeared"; model: DiscoveredModel; report: ServerReport }
  | { type: "vanished"; model: DiscoveredModel; report: ServerReport }
  /** The same id stands for another model, or its window is another. */
  | { type: "changed"; model: DiscoveredModel; before: DiscoveredModel; report: ServerReport };

/** Two probes → the changes between them. Pure. `before` is the last probe that showed the server working, if there was one. */
export function compareReports(before: ServerReport | undefined, wasUp: boolean, now: ServerReport): ServerChange[] {
  const isUp = now.state === "ready" && now.models.length > 0;
  if (!isUp) return wasUp || before === undefined ? [{ type: "down", report: now }] : [];
  const changes: ServerChange[] = [];
  if (!wasUp) changes.push({ type: "up", report: now });
  if (before === undefined)
    return [...changes, ...now.models.map((model) => ({ type: "appeared", model, report: now }) as const)];
  if (!knowsRun(before, runOf(now))) changes.push({ type: "restarted", report: now });
  const known = new Map(before.models.map((model) => [model.id, model]));
  const served = new Set(now.models.map((model) => model.id));
  for (const model of now.models) {
    const old = known.get(model.id);
    if (old === undefined) changes.push({ type: "appeared", model, report: now });
    else if (old.root !== model.root || old.contextWindow !== model.contextWindow) {
      changes.push({ type: "changed", model, before: old, report: now });
    }
  }
  for (const model of before.models) if (!served.has(model.id)) changes.push({ type: "vanished", model, report: now });
  return changes;
}
