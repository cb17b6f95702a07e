import { DEFAULTS } from "@vllm/schema/core";
import type { DocumentEdit } from "../config-file/edit-document.ts";
import type { JsonObject, JsonValue, ValuePath } from "../config-file/json-value.ts";
import { getValue, isObject } from "../config-file/json-value.ts";
import type { RecordedModels } from "../agent-config/setup-record.ts";
import type { AgentId } from "../agents/agent-location.ts";
import type { HostModel } from "./host-model.ts";
import type { KeptField } from "./merge-model.ts";
import { mergeModel, modelsOf } from "./merge-model.ts";

/** A configuration, and the provider that it should have. */
export interface ProviderPlanInput {
  /** The configuration as it is written, nothing substituted. */
  config: object;
  agent: AgentId;
  providerId: string;
  baseUrl: string;
  /** How the configuration names the key: `VLLM_API_KEY`, `${NAME}`; undefined for none. Never the key. */
  apiKey?: string | undefined;
  models: readonly HostModel[];
  recorded: RecordedModels;
}

/** The edits that bring a provider up to its server, and what they do to which model. */
export interface ProviderPlan {
  edits: DocumentEdit[];
  /** Ids that were not configured. */
  added: string[];
  /** Ids whose entries change. */
  updated: string[];
  kept: KeptField[];
  /** Configured ids that the server does not serve; they stay. */
  notServed: string[];
}

/** Seconds without a byte after which OpenClaw gives up on a server of one's own; without it, it waits for ever on loopback. */
const OPENCLAW_TIMEOUT_SECONDS = 300;

/**
 * The edits that make `models.providers.<id>` say what was found. Settings that the user made stay;
 * other providers are not touched; a second run with the same server changes nothing.
 */
export function planProvider(input: ProviderPlanInput): ProviderPlan {
  const { config, providerId, baseUrl, agent, models } = input;
  const at: ValuePath = ["models", "providers", providerId];
  const current = getValue(config, at);
  const mode: DocumentEdit[] =
    getValue(config, ["models", "mode"]) === undefined ? [{ path: ["models", "mode"], value: "merge" }] : [];
  if (!isObject(current)) {
    const provider: JsonObject = {
      baseUrl,
      ...(input.apiKey === undefined ? {} : { apiKey: input.apiKey }),
      api: DEFAULTS.api,
      ...(agent === "openclaw" ? { timeoutSeconds: OPENCLAW_TIMEOUT_SECONDS } : {}),
      models: models.map((model) => model.entry),
    };
    const ids = models.map((model) => model.id);
    // A missing `models` section is written in one piece, in the order people write it.
    const edits: DocumentEdit[] =
      getValue(config, ["models"]) === undefined
        ? [{ path: ["models"], value: { mode: "merge", providers: { [providerId]: provider } } }]
        : [...mode, { path: at, value: provider }];
    return { edits, added: ids, updated: [], kept: [], notServed: [] };
  }

  const settings: DocumentEdit[] = [];
  if (current["baseUrl"] !== baseUrl) settings.push({ path: [...at, "baseUrl"], value: baseUrl });
  if (current["api"] === undefined) settings.push({ path: [...at, "api"], value: DEFAULTS.api });
  if (input.apiKey !== undefined && current["apiKey"] === undefined)
    settings.push({ path: [...at, "apiKey"], value: input.apiKey });
  if (agent === "openclaw" && current["timeoutSeconds"] === undefined)
    settings.push({ path: [...at, "timeoutSeconds"], value: OPENCLAW_TIMEOUT_SECONDS });
  const list = planModels(input, current, at);
  return { ...list, edits: [...mode, ...settings, ...list.edits] };
}

function planModels(input: ProviderPlanInput, current: JsonObject, at: ValuePath): ProviderPlan {
  const { models, recorded } = input;
  const configured = modelsOf(current);
  const plan: ProviderPlan = { edits: [], added: [], updated: [], kept: [], notServed: [] };
  if (!Array.isArray(current["models"])) {
    plan.edits.push({ path: [...at, "models"], value: models.map((model) => model.entry as JsonValue) });
    plan.added.push(...models.map((model) => model.id));
    return plan;
  }
  let end = configured.length;
  for (const model of models) {
    const position = configured.findIndex((entry) => isObject(entry) && entry["id"] === model.id);
    if (position < 0) {
      plan.edits.push({ path: [...at, "models", end], value: model.entry });
      plan.added.push(model.id);
      end += 1;
      continue;
    }
    const merged = mergeModel(configured[position] as JsonObject, model.entry, recorded[model.id] ?? {}, [
      ...at,
      "models",
      position,
    ]);
    plan.edits.push(...merged.edits);
    plan.kept.push(...merged.kept);
    if (merged.edits.length > 0) plan.updated.push(model.id);
  }
  const served = new Set(models.map((model) => model.id));
  plan.notServed = configured.flatMap((entry) =>
    isObject(entry) && typeof entry["id"] === "string" && !served.has(entry["id"]) ? [entry["id"]] : [],
  );
  return plan;
}
