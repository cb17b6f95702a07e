import type { ServerReport } from "@vllm/discovery";
import type { ModelProfile } from "@vllm/schema/core";
import { ConfigError } from "@vllm/schema/core";
import type { DocumentEdit } from "../config-file/edit-document.ts";
import type { JsonObject } from "../config-file/json-value.ts";
import { findIncludeOf } from "../config-file/includes.ts";
import type { RecordedModels } from "../agent-config/setup-record.ts";
import type { ReadAgentConfig } from "../agent-config/read-agent-config.ts";
import { providerSettings } from "../agent-config/provider-settings.ts";
import { applyEdits } from "../provider/apply-edits.ts";
import type { HostModel } from "../provider/host-model.ts";
import { toHostModels } from "../provider/host-model.ts";
import type { DefaultModelPlan } from "../provider/plan-default-model.ts";
import { planDefaultModel, planListing } from "../provider/plan-default-model.ts";
import type { ProviderPlan } from "../provider/plan-provider.ts";
import { planProvider } from "../provider/plan-provider.ts";
import type { KeyRequest, KeyWrite } from "./plan-key.ts";
import { planKey } from "./plan-key.ts";

interface SetupRequest extends KeyRequest {
  report: ServerReport;
  recorded: RecordedModels;
  /** Becomes the default model. Undefined leaves the default alone. */
  defaultModelId?: string | undefined;
  /** May be chosen in a chat, where the configuration lists the models that may. Default: the default model. */
  chosenModelId?: string | undefined;
}

export interface SetupPlan {
  edits: readonly DocumentEdit[];
  keyWrite: KeyWrite | undefined;
  models: readonly HostModel[];
  provider: ProviderPlan;
  defaultModel: DefaultModelPlan | undefined;
  /** What to remember as written by this package. */
  record: RecordedModels;
  apiRoot: string;
  profiles: readonly ModelProfile[];
  /** What the person should know about the models. */
  notes: readonly string[];
  /** And about the key. */
  keyNotes: readonly string[];
}

/**
 * Everything that setting up (or syncing) a server changes, before anything is changed.
 *
 * @throws {ConfigError} when the provider comes from an `$include`: the agent would join both model lists.
 */
export async function planSetup(request: SetupRequest): Promise<SetupPlan> {
  const { agent, providerId, report, recorded, defaultModelId, chosenModelId } = request;
  await refuseIncludedProvider(agent, providerId);
  const models = toHostModels(report.models, agent.location.agent);
  const key = planKey(request);
  const provider = planProvider({
    config: agent.file.value,
    agent: agent.location.agent,
    providerId,
    baseUrl: writtenBaseUrl(agent, providerId, report.apiRoot),
    apiKey: key.reference,
    models,
    recorded,
  });
  const after = applyEdits(agent.file.value, provider.edits);
  const defaultModel =
    defaultModelId === undefined
      ? undefined
      : planDefaultModel(after, agent.location.agent, { providerId, modelId: defaultModelId });
  const listed =
    defaultModelId !== undefined || chosenModelId === undefined
      ? []
      : planListing(after, agent.location.agent, { providerId, modelId: chosenModelId }).edits;
  const kept = provider.kept.map(
    ({ model, field, kept, found }) =>
      `${model}: ${field} stays ${JSON.stringify(kept)}, as you wrote it (the server shows ${JSON.stringify(found)}).`,
  );
  const missing = provider.notServed.length === 0 ? [] : [notServed(provider.notServed)];
  return {
    edits: [...provider.edits, ...key.edits, ...(defaultModel?.edits ?? listed)],
    keyWrite: key.write,
    models,
    provider,
    defaultModel,
    record: toRecord(models, provider),
    apiRoot: report.apiRoot,
    profiles: report.models.map((model) => model.profile),
    notes: [...kept, ...missing, ...(defaultModel?.notes ?? [])],
    keyNotes: key.notes,
  };
}

function notServed(ids: readonly string[]): string {
  const [is, stay] = ids.length === 1 ? ["is", "it stays"] : ["are", "they stay"];
  return `${ids.join(", ")} ${is} configured, but not served at the moment; ${stay}.`;
}

/** An address that is written with a variable, or in another spelling of the same server, stays as it is written. */
function writtenBaseUrl(agent: ReadAgentConfig, providerId: string, apiRoot: string): string {
  const written = providerSettings(agent.file.value, providerId)?.["baseUrl"];
  if (typeof written !== "string") return apiRoot;
  return written.includes("${") || written.replace(/(?<!\/)\/+$/, "") === apiRoot ? written : apiRoot;
}

/** What the file holds afterwards and the user did not choose. */
export function toRecord(models: readonly HostModel[], provider: ProviderPlan): RecordedModels {
  return Object.fromEntries(
    models.map(({ id, entry }) => {
      const kept = provider.kept.filter((field) => field.model === id).map((field) => field.field);
      return [id, withoutFields(entry, kept)];
    }),
  );
}

function withoutFields(entry: JsonObject, fields: readonly string[]): JsonObject {
  const compat = entry["compat"] as JsonObject | undefined;
  const own = Object.entries(entry).filter(
    ([key]) => !fields.includes(key) && !["id", "name", "cost", "compat"].includes(key),
  );
  const flags = Object.entries(compat ?? {}).filter(([key]) => !fields.includes(`compat.${key}`));
  return { ...Object.fromEntries(own), ...(flags.length === 0 ? {} : { compat: Object.fromEntries(flags) }) };
}

async function refuseIncludedProvider(agent: ReadAgentConfig, providerId: string): Promise<void> {
  const path = ["models", "providers", providerId];
  const included = await findIncludeOf(agent.file.value, path, agent.location.configPath);
  if (included === undefined) return;
  throw new ConfigError({
    message: `models.providers.${providerId} comes from ${included} through an $include. If it were written into ${agent.location.configPath} too, the agent would list every model twice.`,
    hint: `Move models.providers.${providerId} into ${agent.location.configPath}, or use another provider: --provider ${providerId}-2. npx @vllm/connect models shows what to write.`,
    issues: [
      {
        path: path.join("."),
        received: `an $include of ${included}`,
        accepted: "settings in the configuration itself",
        fix: `Move models.providers.${providerId} into ${agent.location.configPath}.`,
      },
    ],
  });
}
