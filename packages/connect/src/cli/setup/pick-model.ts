import { pickDefaultModel } from "@vllm/discovery";
import type { ServerReport } from "@vllm/discovery";
import { VllmError, notServed } from "@vllm/schema/core";
import { defaultModel, toHostModels } from "@vllm/coderclaw-adapter/internal";
import type { ReadAgentConfig } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { choose } from "../terminal/prompts.ts";

/** The model that becomes the default: the one that was named, the only one, or what a person chooses. */
export async function pickModel(
  { terminal }: CommandContext,
  config: ReadAgentConfig,
  choice: { report: ServerReport; providerId: string; wanted: string | undefined; asks: boolean },
): Promise<string> {
  const { report, providerId, wanted, asks } = choice;
  const models = toHostModels(report.models, config.location.agent);
  const ids = models.map((model) => model.id);
  if (wanted !== undefined) {
    const id =
      wanted.startsWith(`${providerId}/`) && !ids.includes(wanted) ? wanted.slice(providerId.length + 1) : wanted;
    if (ids.includes(id)) return id;
    throw modelNotServed(id, ids);
  }
  const best = pickDefaultModel(report.models.filter(({ id }) => ids.includes(id)));
  if (best === undefined) throw noChatModel(report);
  const current = defaultModel(config.value);
  const preferred = current?.provider === providerId && ids.includes(current.modelId) ? current.modelId : best.id;
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

function modelNotServed(id: string, ids: readonly string[]): VllmError {
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    ...notServed(id, ids, { name: (other) => `--model ${other}` }),
    availableModels: ids,
  });
}

function noChatModel({ apiRoot }: ServerReport): VllmError {
  return new VllmError({
    code: "MODEL_NOT_FOUND",
    message: `${apiRoot} serves no model that chats.`,
    hint: "Start vLLM with one: vllm serve <model>.",
    availableModels: [],
  });
}
