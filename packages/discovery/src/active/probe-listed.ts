import type { ProbeHttp } from "../http/create-probe-http.ts";
import type { Finding } from "../report/finding.ts";
import type { DiscoveredModel } from "../report/server-report.ts";
import type { ActiveResult } from "./probe-active.ts";
import { tokensOf } from "./dry-run.ts";

export interface ListedOptions {
  http: ProbeHttp;
  apiRoot: string;
  models: readonly DiscoveredModel[];
  router: string;
}

const MOST_MODELS = 8;

/** A router that lists its models without asking anyone: one chat of one token with each shows whether a server is there. */
export async function probeListed({ http, apiRoot, models, router }: ListedOptions): Promise<ActiveResult> {
  const findings: Finding[] = [];
  let tokens = 0;
  for (const { id } of models.slice(0, MOST_MODELS)) {
    const json = { model: id, messages: [{ role: "user", content: "Hello" }], max_tokens: 1, stream: false };
    const outcome = await http.ask(`${apiRoot}/chat/completions`, { method: "POST", json });
    if (outcome.kind !== "answer") continue;
    tokens += tokensOf(outcome);
    // Below 500 it is the request, a key or a quota: the list says nothing of those.
    if (outcome.status >= 500) findings.push(noServer(router, id, outcome.status));
  }
  return { models: [...models], findings, tokens };
}

function noServer(router: string, model: string, status: number): Finding {
  return {
    code: "NO_HEALTHY_SERVER",
    severity: "error",
    model,
    message: `${router} lists ${model}, and a short chat with it got ${status}: no vLLM server behind it answers.`,
    fix: `Start the vLLM servers of this model, and compare their addresses with those in the configuration of ${router}.`,
  };
}
