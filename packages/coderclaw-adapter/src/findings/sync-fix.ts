import type { AdapterFinding } from "./adapter-finding.ts";
import type { AgentSituation } from "./agent-situation.ts";

/** `sync` changes only what the user did not write. */
export function syncFix({ kept = [] }: AgentSituation, model: string, field: string): string {
  const own = kept.find((one) => one.model === model && one.field === field);
  return own === undefined
    ? "npx @vllm/connect sync"
    : `You wrote it, so sync leaves it alone: set ${field} to ${JSON.stringify(own.found)}, or remove it and run npx @vllm/connect sync`;
}

/** `sync` does not write into an included file. */
export function whereIncluded(finding: AdapterFinding, { includedFrom }: AgentSituation): AdapterFinding {
  return includedFrom === undefined || finding.fix !== "npx @vllm/connect sync"
    ? finding
    : {
        ...finding,
        fix: `Change it in ${includedFrom}, where sync does not write; npx @vllm/connect models shows the values.`,
      };
}
