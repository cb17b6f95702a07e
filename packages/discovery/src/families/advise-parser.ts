import type { DiscoveredModel } from "../report/server-report.ts";
import { familyOf } from "./model-families.ts";

/**
 * What to type after `--tool-call-parser` or `--reasoning-parser`: what the server showed (`seen` says how), else what the name suggests, marked
 * as a guess.
 */
export function adviseParser(model: DiscoveredModel, kind: "toolParser" | "reasoningParser", seen = ""): string {
  const parser = model.profile[kind]?.value;
  if (parser !== undefined) return `${parser}${seen}`;
  const family = familyOf(model);
  const guess = family?.[kind];
  return guess === undefined
    ? "<parser> (the model's page names it)"
    : `${guess} (a guess: the name suggests ${family?.name})`;
}
