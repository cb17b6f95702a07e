import type { ServerReport } from "../report/server-report.ts";
import type { ServerChange } from "./compare-reports.ts";

/**
 * Behind a router one probe may have met another server than the one before. A model has appeared or vanished there when two probes in a row
 * say so; a server of its own is believed at once.
 */
export class ConfirmedChanges {
  private pending: ReadonlySet<string> = new Set();

  /** @returns the changes to report; `isNews` is false while the earlier report still stands */
  confirm(changes: readonly ServerChange[], report: ServerReport): { changes: ServerChange[]; isNews: boolean } {
    const isFirst = changes.some(({ type }) => type === "up");
    const models = changes.filter((change) => isOfModel(change));
    if (report.fleet === undefined || isFirst || models.length === 0) {
      this.pending = new Set();
      return { changes: [...changes], isNews: true };
    }
    const keys = new Set(models.map((change) => keyOf(change)));
    const isConfirmed = [...keys].every((key) => this.pending.has(key));
    this.pending = isConfirmed ? new Set() : keys;
    return {
      changes: isConfirmed ? [...changes] : changes.filter((change) => !isOfModel(change)),
      isNews: isConfirmed,
    };
  }
}

type ModelChange = Extract<ServerChange, { model: unknown }>;

function isOfModel(change: ServerChange): change is ModelChange {
  return "model" in change;
}

function keyOf(change: ServerChange): string {
  return isOfModel(change) ? `${change.type} ${change.model.id} ${change.model.contextWindow}` : change.type;
}
