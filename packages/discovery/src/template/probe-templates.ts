import type { ProbeHttp } from "../http/create-probe-http.ts";
import { toDiscoveredModels } from "../models/to-discovered-models.ts";
import { baseOf, isChat, onePerBase } from "../models/base-of.ts";
import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import type { SnapshotFacts } from "../server/read-snapshot.ts";
import { knowsRun, runOf } from "../report/is-same-run.ts";
import type { DiscoveredModel, ServerKind, ServerReport, TemplateProbeCause } from "../report/server-report.ts";
import { applyKnownModel } from "./apply-known-model.ts";
import { applyTemplateFacts } from "./apply-template-facts.ts";
import { createRenderer } from "./create-renderer.ts";
import type { OutputLimits } from "../output/probe-output-limits.ts";
import { applyOutputLimits, probeOutputLimits } from "../output/probe-output-limits.ts";
import { refusesLast } from "../output/refused-last.ts";
import type { TemplateProbe } from "./probe-template.ts";
import { probeTemplate } from "./probe-template.ts";

export interface ProbeTemplatesOptions {
  http: ProbeHttp;
  apiRoot: string;
  serverRoot: string;
  seen: SnapshotFacts;
  /** False: nothing is asked. */
  isWanted: boolean;
  /** An earlier report, whose probes are used again while they hold; that costs nothing. */
  known: ServerReport | undefined;
}

/** What the templates of a server's models showed, by what the models of one template have in common. */
export interface ProbedTemplates {
  probes: ReadonlyMap<string, TemplateProbe>;
  remembered: ReadonlyMap<string, DiscoveredModel>;
  /** Tokens that the server lets an answer have where the window is not the only limit, by the same. */
  outputLimits: ReadonlyMap<string, OutputLimits>;
  tokenize: Capability;
  /** For the report: what was asked, and of which model's template nothing could be seen. */
  summary: ServerReport["templateProbe"];
}

/** Where `/tokenize` may be vLLM's. llama.cpp has another of that name. */
const HAS_TOKENIZE: ReadonlySet<ServerKind> = new Set(["vllm", "vllm-router", "production-stack", "openai-compatible"]);
/** vLLM is behind them, and its `/tokenize` is not to be had: LiteLLM answers 404, Ray 400. */
const WITHOUT_TOKENIZE: Readonly<Partial<Record<ServerKind, string>>> = {
  litellm: "LiteLLM",
  "ray-serve": "Ray Serve",
};
/** Where a chat request is checked as vLLM checks it. */
const CHECKS_LIMITS: ReadonlySet<ServerKind> = new Set(["vllm", "vllm-router", "production-stack"]);
/** Templates probed in one probe; a router may list hundreds of models. */
const MOST_TEMPLATES = 8;

const SWITCHED_OFF = "the probe was switched off";

/** Probes each chat template once: served names of one root, and the adapters of one base model, share it. */
export async function probeTemplates(options: ProbeTemplatesOptions): Promise<ProbedTemplates> {
  const { verdict, list, version } = options.seen;
  if (!options.isWanted && options.known === undefined) return untouched(SWITCHED_OFF);
  const router = options.isWanted ? WITHOUT_TOKENIZE[verdict.kind] : undefined;
  if (verdict.state === "ready" && router !== undefined) return untouched(`${router} does not pass it on`, "no-route");
  if (verdict.state !== "ready" || !HAS_TOKENIZE.has(verdict.kind)) return untouched("not asked of such a server");
  const models = toDiscoveredModels(list?.models ?? [], { version });
  const bases = onePerBase(models);
  const known = stillKnown(options.known, options.seen);
  const remembered = new Map<string, DiscoveredModel>();
  for (const [base, model] of bases) {
    const same = known.find(
      (other) => other.id === model.id && other.root === model.root && other.templateTools !== undefined,
    );
    if (same !== undefined) remembered.set(base, same);
  }
  const unseen = [...bases].filter(([base]) => !remembered.has(base));
  if (!options.isWanted && (unseen.length > 0 || remembered.size === 0))
    return { ...untouched(SWITCHED_OFF), remembered };
  const chosen = unseen.slice(0, MOST_TEMPLATES);
  const probes = new Map<string, TemplateProbe>();
  const outputLimits = new Map<string, OutputLimits>();
  const tellsLimits = CHECKS_LIMITS.has(verdict.kind) && refusesLast(version);
  await Promise.all(
    chosen.map(async ([base, model]) => {
      const probe = await probeTemplate(createRenderer(options.http, options.serverRoot, model.id));
      probes.set(base, probe);
      if (probe.kind !== "facts" || !tellsLimits) return;
      const contextWindow = model.contextWindow ?? probe.facts.maxModelLen;
      outputLimits.set(base, await probeOutputLimits(options.http, options, { id: model.id, contextWindow }));
    }),
  );
  const results = [...probes.values()];
  const failed = chosen.flatMap(([base, { id }]) => {
    const probe = probes.get(base);
    return probe?.kind === "unavailable" ? [{ unavailable: probe.why, cause: probe.cause, model: id }] : [];
  });
  const incomplete = chosen.flatMap(([base, { id }]) => {
    const probe = probes.get(base);
    return probe?.kind === "facts" && !probe.facts.isComplete ? [id] : [];
  });
  return {
    probes,
    remembered,
    outputLimits,
    tokenize: toCapability(results, remembered.size > 0),
    summary: {
      unavailable: undefined,
      ...failed[0],
      ...(incomplete.length === 0 ? {} : { incomplete }),
      requests: results.reduce((sum, result) => sum + result.requests, 0),
    },
  };
}

/** Models with what their template showed. Pure; models that do not chat are left as they are. */
export function applyTemplates(models: readonly DiscoveredModel[], templates: ProbedTemplates): DiscoveredModel[] {
  return models.map((model) => {
    if (!isChat(model)) return model;
    const base = baseOf(model, models);
    const remembered = templates.remembered.get(base);
    if (remembered !== undefined) return applyKnownModel(model, remembered);
    const probe = templates.probes.get(base);
    const seen = probe?.kind === "facts" ? applyTemplateFacts(model, probe.facts) : model;
    return applyOutputLimits(seen, templates.outputLimits.get(base) ?? {});
  });
}

/** Models of an earlier report that are still the same server's: same version, same start. */
function stillKnown(known: ServerReport | undefined, seen: SnapshotFacts): readonly DiscoveredModel[] {
  if (known === undefined || !knowsRun(known, runOf(seen))) return [];
  // Without the server's own start there is only the clock to go by.
  const isRecent = seen.capacity?.startedAt !== undefined || Date.now() - known.checkedAt < 600_000;
  const { incomplete = [] } = known.templateProbe;
  return isRecent ? known.models.filter(({ id }) => !incomplete.includes(id)) : [];
}

function untouched(why: string, cause: TemplateProbeCause = "not-asked"): ProbedTemplates {
  const summary = { requests: 0, unavailable: why, cause };
  return { probes: new Map(), remembered: new Map(), outputLimits: new Map(), tokenize: unknown(why), summary };
}

function toCapability(results: readonly TemplateProbe[], isRemembered: boolean): Capability {
  if (isRemembered) return yes("/tokenize and /detokenize rendered a prompt in an earlier probe");
  if (results.some((result) => result.kind === "facts")) return yes("/tokenize and /detokenize rendered a prompt");
  const failed = results.find((result) => result.kind === "unavailable");
  const evidence = `/tokenize: ${failed?.why ?? "no model is served"}`;
  return failed?.cause === "no-route" ? no(evidence) : unknown(evidence);
}
