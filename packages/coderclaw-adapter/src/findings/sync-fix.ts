import type { AgentSituation } from "./agent-situation.ts";

/** What `sync` would put right; it does not write into an included file. */
export function syncFix({ includedFrom }: Pick<AgentSituation, "includedFrom">): string {
  return includedFrom === undefined
    ? "npx @vllm/connect sync"
    : `Change it in ${includedFrom}, where sync does not write; npx @vllm/connect models shows the values.`;
}

/** The same for one field of a model: `sync` changes only what the user did not write. */
export function fieldFix(situation: AgentSituation, model: string, field: string): string {
  const own = situation.kept?.find((one) => one.model === model && one.field === field);
  return own === undefined
    ? syncFix(situation)
    : `You wrote it, so sync leaves it alone: set ${field} to ${JSON.stringify(own.found)}, or remove it and run npx @vllm/connect sync`;
}
