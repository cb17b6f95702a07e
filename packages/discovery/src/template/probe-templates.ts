import type { ProbeHttp } from "../http/create-probe-http.ts";
import { onePerBase } from "../models/base-of.ts";
import { toDiscoveredModels } from "../models/to-discovered-models.ts";
import { probeOutputLimits } from "../output/probe-output-limits.ts";
import { refusesLast } from "../output/refused-last.ts";
import { unknown } from "../report/capability.ts";
import type { DiscoveredModel, ServerKind, ServerReport } from "../report/server-report.ts";
import type { SnapshotFacts } from "../server/read-snapshot.ts";
import { createRenderer } from "./create-renderer.ts";
import { probeTemplate } from "./probe-template.ts";
import type { ProbedTemplate, ProbedTemplates } from "./probed-templates.ts";
import { recallTemplates } from "./recall-templates.ts";
import { summarizeProbes, toTokenizeCapability } from "./summarize-probes.ts";
import type { NotRendered } from "./why-not-rendered.ts";
import { whyNotRendered } from "./why-not-rendered.ts";

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

/** Where a chat request is checked as vLLM checks it. */
const CHECKS_LIMITS: ReadonlySet<ServerKind> = new Set(["vllm", "vllm-router", "production-stack"]);
/** Templates probed in one probe; a router may list hundreds of models. */
const MOST_TEMPLATES = 8;

const SWITCHED_OFF: NotRendered = { why: "the probe was switched off", cause: "not-asked" };

/** Probes each chat template once: served names of one root, and the adapters of one base model, share it. */
export async function probeTemplates(options: ProbeTemplatesOptions): Promise<ProbedTemplates> {
  const { seen, isWanted, known } = options;
  const whyNot = isWanted ? whyNotRendered(seen.verdict) : undefined;
  if (whyNot !== undefined) return notProbed(whyNot);
  const bases = onePerBase(toDiscoveredModels(seen.list?.models ?? [], { version: seen.version }));
  const recalled = recallTemplates(bases, known, seen);
  const unseen = [...bases].filter(([base]) => !recalled.has(base));
  if (!isWanted && (unseen.length > 0 || recalled.size === 0)) return notProbed(SWITCHED_OFF, recalled);
  const probed = new Map(
    await Promise.all(
      unseen.slice(0, MOST_TEMPLATES).map(async ([base, model]) => [base, await probeOne(options, model)] as const),
    ),
  );
  const results = [...probed.values()];
  return {
    probed,
    recalled,
    tokenize: toTokenizeCapability(results, recalled.size > 0),
    summary: summarizeProbes(results),
  };
}

async function probeOne(
  options: ProbeTemplatesOptions,
  { id, contextWindow }: DiscoveredModel,
): Promise<ProbedTemplate> {
  const { http, serverRoot, seen } = options;
  const probe = await probeTemplate(createRenderer(http, serverRoot, id));
  if (probe.kind !== "facts" || !CHECKS_LIMITS.has(seen.verdict.kind) || !refusesLast(seen.version))
    return { model: id, probe, outputLimits: {} };
  const window = contextWindow ?? probe.facts.maxModelLen;
  return { model: id, probe, outputLimits: await probeOutputLimits(http, options, { id, contextWindow: window }) };
}

function notProbed({ why, cause }: NotRendered, recalled: ProbedTemplates["recalled"] = new Map()): ProbedTemplates {
  const summary = { requests: 0, unavailable: why, cause };
  return { probed: new Map(), recalled, tokenize: unknown(why), summary };
}
