import { readAddress } from "@vllm/schema/core";
import type { ModelProfile } from "@vllm/schema/core";
import { parseLimits } from "@vllm/schema/internal";
import type { DiscoverServerOptions } from "../discover/discover-server.ts";
import { createProbeHttp } from "../http/create-probe-http.ts";
import { baseOf, isChat, onePerBase } from "../models/base-of.ts";
import { toHeaders } from "../options/to-headers.ts";
import { refusesLast } from "../output/refused-last.ts";
import { toFact } from "../report/capability.ts";
import type { ServerReport } from "../report/server-report.ts";
import { dryRun, readStrictRuns, STRICT_TOOLS } from "./dry-run.ts";

type StrictTools = NonNullable<ModelProfile["strictTools"]>;

const TIMEOUT_MS = 5000;
const MOST_MODELS = 8;

/**
 * Whether each model of a report holds calls of tools marked `strict` to their schemas, by its id: three requests for each base model, which
 * vLLM refuses after its last check, so that nothing is generated. Only of a server whose `/tokenize` has shown that it is vLLM itself, in a
 * version that is sure to refuse them: others might charge for them.
 */
export async function probeStrictTools(
  report: Pick<ServerReport, "kind" | "state" | "version" | "models" | "apiRoot" | "capabilities">,
  options: Pick<DiscoverServerOptions, "baseUrl" | "headers" | "limits" | "tls" | "proxy" | "fetch" | "apiKey">,
): Promise<ReadonlyMap<string, StrictTools>> {
  const ofBases = new Map<string, StrictTools>();
  const { models, apiRoot } = report;
  if (!isSureToRefuse(report)) return ofBases;
  const { authorization } = readAddress(options.baseUrl);
  const credentials = toHeaders({ ...options, authorization });
  const limits = parseLimits(options.limits);
  const http = createProbeHttp({ ...options, limits, credentials, deadline: AbortSignal.timeout(TIMEOUT_MS) });
  const run = (model: string, tool: object) => dryRun(http, apiRoot, { model, tools: [tool] });
  for (const [base, model] of [...onePerBase(models)].slice(0, MOST_MODELS)) {
    if (!isChat(model) || model.profile.toolCalling.value === "no") continue;
    const [sound, impossible, unmarked] = await Promise.all([
      run(model.id, STRICT_TOOLS.sound),
      run(model.id, STRICT_TOOLS.impossible),
      run(model.id, STRICT_TOOLS.unmarked),
    ]);
    const strict = readStrictRuns({ sound, impossible, unmarked });
    if (strict.status !== "unknown") ofBases.set(base, toFact(strict));
  }
  return new Map(
    models.flatMap((model) => {
      const fact = ofBases.get(baseOf(model, models));
      return fact === undefined ? [] : [[model.id, fact] as const];
    }),
  );
}

function isSureToRefuse({ kind, state, version, capabilities }: Parameters<typeof probeStrictTools>[0]): boolean {
  const isVllm = kind === "vllm" && state === "ready" && capabilities.tokenize.status === "yes";
  return isVllm && refusesLast(version);
}
