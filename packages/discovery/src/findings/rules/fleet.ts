import type { FleetFacts, SeenServer } from "../../report/fleet-facts.ts";
import type { FindingRule } from "../finding-rule.ts";

/** Some of the servers behind a router are down; that all are is another finding. */
export const serversDown: FindingRule = ({ fleet, state }) => {
  if (state !== "ready" || fleet === undefined) return [];
  const { count, down } = fleet;
  const missing = count === undefined ? down.length : count.total - count.healthy;
  if (missing <= 0) return [];
  const of = count === undefined ? "" : ` of ${count.total}`;
  const which = down.length === 0 ? "" : `: ${down.join(", ")}`;
  return [
    {
      code: "SERVERS_DOWN",
      severity: "warning",
      message: `${missing}${of} servers behind the router ${missing === 1 ? "is" : "are"} down${which}.`,
      fix: "Look at the log of each and start it again; until then the others have its work, too.",
    },
  ];
};

/** Requests of different conversations meet servers that are not alike, as in the middle of an upgrade. */
export const serversDiffer: FindingRule = ({ fleet }) => {
  if (fleet === undefined || fleet.seen.length < 2) return [];
  const shown = [...new Set(fleet.seen.map((server) => describe(server)))];
  if (shown.length < 2) return [sameKind(fleet)];
  return [
    {
      code: "SERVERS_DIFFER",
      severity: "warning",
      message: `The servers behind ${fleet.router} are not alike: ${shown.join("; ")}. What else this report says is true of one of them.`,
      fix: "Start all of them with the same model, --max-model-len and vLLM version. During an upgrade, name the model in each request, and give each conversation its X-Session-ID (affinity).",
    },
  ];
};

function sameKind({ router, seen }: FleetFacts) {
  return {
    code: "SERVERS_DIFFER",
    severity: "info",
    message: `At least ${seen.length} servers answer behind ${router}, started at ${starts(seen)}: capacity, cache and load are those of one of them.`,
    fix: "Nothing to do. Ask a server's own address to see its load.",
  } as const;
}

function starts(seen: readonly SeenServer[]): string {
  const times = seen.flatMap(({ startedAt }) => (startedAt === undefined ? [] : [new Date(startedAt).toISOString()]));
  return [...new Set(times)].toSorted().join(" and ");
}

function describe({ models, version }: SeenServer): string {
  const served = models.map(({ id, contextWindow }) => (contextWindow === undefined ? id : `${id} (${contextWindow})`));
  return `${served.slice(0, 5).join(", ")}${served.length > 5 ? ", …" : ""}${version === undefined ? "" : ` on vLLM ${version}`}`;
}
