import { defaultModel, providerHeaders, resolveKey, toHostModels } from "@vllm/coderclaw-adapter/internal";
import { createFetch } from "@vllm/transport";
import type { Matrix } from "../../matrix/run-matrix.ts";
import { runMatrix } from "../../matrix/run-matrix.ts";
import type { CommandContext, OpenAgent } from "../command-context.ts";
import { tlsOf } from "../command-line/ca-file.ts";
import type { ProviderDiagnosis } from "./diagnose-provider.ts";
import { withSpinner } from "../terminal/spinner.ts";
import { pickDefaultModel } from "@vllm/discovery";

/** For each server its default model, else the one that `setup` would choose. */
export async function makeMatrices(
  { terminal, output, options }: CommandContext,
  { config }: OpenAgent,
  diagnoses: readonly ProviderDiagnosis[],
): Promise<Matrix[]> {
  const matrices: Matrix[] = [];
  for (const { providerId, report } of diagnoses.filter((one) => one.report.state === "ready")) {
    const wanted = defaultModel(config.value);
    const ids = new Set(toHostModels(report.models, config.location.agent).map((model) => model.id));
    const usual = pickDefaultModel(report.models.filter(({ id }) => ids.has(id)))?.id;
    const model = wanted?.provider === providerId && ids.has(wanted.modelId) ? wanted.modelId : usual;
    if (model === undefined) continue;
    const server = {
      apiRoot: report.apiRoot,
      version: report.version,
      apiKey: resolveKey(config, providerId).key,
      headers: providerHeaders(config, providerId),
    };
    const { signal, fetch = createFetch({ tls: tlsOf(options) }) } = terminal;
    let step = "";
    const ask = (): Promise<Matrix> => runMatrix(server, model, { signal, fetch, onStep: (name) => (step = name) });
    matrices.push(await withSpinner(terminal, output.colors, () => `Asking ${model}: ${step}`, ask));
  }
  return matrices;
}
