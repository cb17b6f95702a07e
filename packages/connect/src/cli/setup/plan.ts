import { join } from "node:path";
import {
  defaultModel,
  findingsAfterSetup,
  getValue,
  OPENCLAW_PROVIDER_ID,
  planSetup,
  previewSetup,
  refuseReadOnly,
  vllmProviderIds,
} from "@vllm/coderclaw-adapter/internal";
import type { AdapterFinding, ConfigChange, ReadAgentConfig, SetupPlan } from "@vllm/coderclaw-adapter/internal";
import type { Answers } from "./ask.ts";
import type { SetupOptions } from "./setup-options.ts";

/** Everything that is to be written, and what is to be known about it. */
export interface PlannedSetup extends Answers {
  plan: SetupPlan;
  /** The configuration before and after. */
  change: ConfigChange;
  notes: readonly string[];
  /** What stays wrong once it is written. */
  findings: readonly AdapterFinding[];
  /** Nothing keeps the agent from using the model. */
  isUsable: boolean;
}

/**
 * Turns the answers into edits. Writes nothing.
 *
 * @throws {ConfigError} when the agent would refuse the configuration, or it cannot be written
 */
export async function planChanges(answers: Answers, options: SetupOptions): Promise<PlannedSetup> {
  const { agent, providerId, report, key, modelId, bridge } = answers;
  const { config, location, record } = agent;
  const plan = await planSetup({
    agent: config,
    providerId,
    report,
    key,
    storeKey: options.storeKey,
    recorded: record.modelsOf(providerId),
    defaultModelId: isFurther(config, providerId, options) ? undefined : modelId,
    chosenModelId: modelId,
  });
  const change = previewSetup(config, plan);
  if (change.changed && !options.dryRun) refuseReadOnly(location);
  const notes = [...plan.keyNotes, ...plan.notes, ...pluginNotes(config, providerId)];
  const after = { providerId, report, edits: plan.edits, hasBridge: bridge !== undefined };
  const findings = findingsAfterSetup(config, after);
  const isUsable = !findings.some(({ severity, model = modelId }) => severity === "error" && model === modelId);
  return { ...answers, plan, change, notes, findings, isUsable };
}

/** A further server beside one that is the default already: the default changes only when a model is named. */
function isFurther({ value }: ReadAgentConfig, providerId: string, { model }: SetupOptions): boolean {
  const current = defaultModel(value)?.provider;
  const hasDefault = current !== undefined && current !== providerId && vllmProviderIds(value).includes(current);
  return hasDefault && model === undefined && providerId.startsWith("vllm-") && providerId !== OPENCLAW_PROVIDER_ID;
}

/** OpenClaw's own plugin gets true rows, too, and that is all that it can be given. */
function pluginNotes({ value, location }: ReadAgentConfig, providerId: string): string[] {
  const loaded = getValue(value, ["plugins", "load", "paths"]);
  const isOurs = Array.isArray(loaded) && loaded.some((path) => String(path).endsWith(join("vllm-plugin", "vllm")));
  if (location.agent !== "openclaw" || providerId === OPENCLAW_PROVIDER_ID || isOurs) return [];
  return [
    `OpenClaw's own vLLM plugin answers for ${providerId}. Ours also sends reasoning back, retries a truncated call, and says what is wrong: npx @vllm/connect init-plugin`,
  ];
}
