import type { DiscoveredModel, ServerReport } from "@vllm/discovery";
import { nearest, VllmError } from "@vllm/schema/core";
import { defaultModel, toHostModels } from "@vllm/coderclaw-adapter/internal";
import type { ReadHostConfig } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { choose } from "../terminal/prompts.ts";

/** The model that becomes the default: the one that was named, the only one, or what a person chooses. */
export async function pickModel(
  { terminal }: CommandContext,
  config: ReadHostConfig,
  choice: { report: ServerReport; providerId: string; wanted: string | undefined; asks: boolean },
): Promise<string> {
  const { report, providerId, wanted, asks } = choice;
  const models = toHostModels(report.models, config.location.host);
  const ids = models.map((model) => model.id);
  if (wanted !== undefined) {
    const id =
      wanted.startsWith(`${providerId}/`) && !ids.includes(wanted) ? wanted.slice(providerId.length + 1) : wanted;
    if (ids.includes(id)) return id;
    throw notServed(id, ids, report);
  }
  if (ids.length === 0) throw notServed("a chat model", ids, report);
  const current = defaultModel(config.value);
  const preferred =
    current?.provider === providerId && ids.includes(current.modelId) ? current.modelId : firstWithTools(report, ids);
  if (ids.length === 1 || !asks) return preferred;
  return choose(terminal, {
    message: "Which model should be the default?",
    options: models.map(({ id, entry }) => ({
      value: id,
      label: id,
      hint: `${Number(entry["contextWindow"]).toLocaleString("en-US")} tokens`,
    })),
    initialValue: preferred,
  });
}

/** An agent needs tools: a model that is known to call them comes before one that is not. */
function firstWithTools(report: ServerReport, ids: readonly string[]): string {
  const callsTools = (model: DiscoveredModel): boolean => model.toolCalling.status === "yes" && ids.includes(model.id);
  return report.models.find(callsTools)?.id ?? (ids[0] as string);
}

function notServed(id: string, ids: readonly string[], report: ServerReport): VllmError {
  const suggestion = nearest(id, ids);
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    message: `${report.apiRoot} does not serve ${id}. Served: ${ids.join(", ") || "no chat model"}.`,
    hint: suggestion === undefined ? "Choose one of them with --model." : `Did you mean --model ${suggestion}?`,
    availableModels: ids,
    suggestion,
  });
}
