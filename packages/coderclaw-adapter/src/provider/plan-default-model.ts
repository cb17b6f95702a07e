import { formatModelRef } from "@vllm/schema/core";
import type { DocumentEdit } from "../config-file/edit-document.ts";
import { asObject, getValue, isObject } from "../config-file/json-value.ts";
import type { AgentId } from "../agents/agent-location.ts";
import { canBeTyped, toAlias } from "./model-alias.ts";
import { isAllowed } from "./model-policy.ts";

/** The edits that make a model the default, with what a person should know about them. */
export interface DefaultModelPlan {
  edits: DocumentEdit[];
  /** `vllm/<model-id>`. */
  modelRef: string;
  /** The default before, if there was one. */
  previous: string | undefined;
  notes: string[];
}

/**
 * The edits that make a model the default: `primary` is set, fallbacks stay. The allowlist is extended only where there
 * is one (agent/coderclaw/allowlist). An id that `/model` cannot spell gets an alias where that restricts nothing.
 */
export function planDefaultModel(
  config: object,
  agent: AgentId,
  model: { providerId: string; modelId: string },
): DefaultModelPlan {
  const modelRef = formatModelRef({ provider: model.providerId, modelId: model.modelId });
  const defaults = getValue(config, ["agents", "defaults"]);
  const choice = isObject(defaults) ? defaults["model"] : undefined;
  const previous = typeof choice === "string" ? choice : isObject(choice) ? textOf(choice["primary"]) : undefined;
  const isText = typeof choice === "string" && agent === "openclaw";
  const path = ["agents", "defaults", "model", ...(isText ? [] : ["primary"])];
  const edits: DocumentEdit[] = previous === modelRef ? [] : [{ path, value: modelRef }];
  const listed = planListing(config, agent, model);
  return { edits: [...edits, ...listed.edits], modelRef, previous, notes: listed.notes };
}

/** Lists a model among those that may be used, where the configuration has such a list. */
export function planListing(
  config: object,
  agent: AgentId,
  { providerId, modelId }: { providerId: string; modelId: string },
): { edits: DocumentEdit[]; notes: string[] } {
  const modelRef = formatModelRef({ provider: providerId, modelId });
  const listed = getValue(config, ["agents", "defaults", "models"]);
  const entries = asObject(listed);
  const hasList = Object.keys(entries).length > 0;
  const entry = isObject(entries[modelRef]) ? entries[modelRef] : undefined;
  const edits: DocumentEdit[] = [];
  const notes: string[] = [];
  const needsAlias = !canBeTyped(modelId) && entry?.["alias"] === undefined;
  if (hasList && needsAlias) {
    const taken = Object.values(entries).flatMap((other) => (isObject(other) ? [textOf(other["alias"]) ?? ""] : []));
    const alias = toAlias(modelId, taken);
    edits.push({ path: ["agents", "defaults", "models", modelRef], value: { ...entry, alias } });
    notes.push(`A chat's /model cannot spell ${modelId}, so it has the alias ${alias}.`);
  } else if (hasList && entry === undefined) {
    edits.push({ path: ["agents", "defaults", "models", modelRef], value: {} });
  }
  if (!hasList && needsAlias) {
    const why =
      agent === "coderclaw" ? ", and an alias would make agents.defaults.models a list of allowed models" : "";
    notes.push(
      `A chat's /model cannot spell ${modelId}${why}. Serve it under a plain name (--served-model-name) to switch to it there.`,
    );
  }
  const allowed = getValue(config, ["agents", "defaults", "modelPolicy", "allow"]);
  if (Array.isArray(allowed) && !isAllowed(allowed, modelRef)) {
    edits.push({ path: ["agents", "defaults", "modelPolicy", "allow", allowed.length], value: modelRef });
  }
  return { edits, notes };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
