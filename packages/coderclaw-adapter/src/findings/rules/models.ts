import { formatModelRef, notServed as describeNotServed } from "@vllm/schema/core";
import { asObject, getValue } from "../../config-file/json-value.ts";
import {
  defaultModel,
  providerSettings,
  resolveModelRef,
  vllmProviderIds,
  writtenDefault,
} from "../../agent-config/provider-settings.ts";
import { AGENT_LABELS } from "../../agents/agent-location.ts";
import { isAllowed } from "../../provider/model-policy.ts";
import type { AdapterFinding } from "../adapter-finding.ts";
import { configuredModels } from "../configured-models.ts";
import type { AgentRule } from "../agent-situation.ts";
import { syncFix } from "../sync-fix.ts";

/** An id that stands in the list twice. */
export const listedTwice: AgentRule = ({ config, providerId }) => {
  const ids = configuredModels(config, providerId).map((model) => String(model["id"]));
  return [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))].map((id) => ({
    code: "MODEL_LISTED_TWICE",
    severity: "warning",
    model: id,
    message: `${id} is in models.providers.${providerId}.models twice. An $include joins both lists instead of replacing one.`,
    fix: "Remove one of the two.",
  }));
};

/** Configured models that the server does not serve. */
export const notServed: AgentRule = ({ config, providerId, report }) => {
  if (report?.state !== "ready") return undefined;
  const served = report.models.map((model) => model.id);
  const wanted = defaultModel(config);
  return configuredModels(config, providerId).flatMap((model): AdapterFinding[] => {
    const id = String(model["id"]);
    if (served.includes(id)) return [];
    const serves = `The server serves ${served.length === 0 ? "nothing" : served.join(", ")}.`;
    if (wanted?.provider !== providerId || wanted.modelId !== id) {
      return [
        {
          code: "MODEL_NOT_SERVED",
          severity: "warning",
          model: id,
          message: `${id}: configured, and not served at the moment. ${serves}`,
          fix: `Serve it again (--served-model-name), or remove it from models.providers.${providerId}.models.`,
        },
      ];
    }
    const { message, suggestion } = describeNotServed(id, served, { subject: `The default model ${id}` });
    return [
      {
        code: "MODEL_NOT_SERVED",
        severity: "error",
        model: id,
        message,
        fix:
          suggestion === undefined
            ? "Serve it (vllm serve … --served-model-name), or choose another: npx @vllm/connect setup"
            : `Did you mean ${suggestion}? npx @vllm/connect setup --model ${suggestion}`,
      },
    ];
  });
};

/** The default model is one of the provider's, under its full name. */
export const defaultIsConfigured: AgentRule = (situation) => {
  const { config, providerId, agent, report } = situation;
  const wanted = defaultModel(config);
  const written = writtenDefault(config) ?? "";
  const known = [...configuredModels(config, providerId), ...(report?.models ?? [])].map((model) => model["id"]);
  if (wanted?.provider !== providerId && known.includes(written)) {
    return {
      code: "DEFAULT_MODEL_ELSEWHERE",
      severity: "error",
      model: written,
      message: `The default model is written as ${written}, without its provider: ${AGENT_LABELS[agent]} then looks for ${written.includes("/") ? `a provider ${written.split("/")[0]}` : "it at another provider"}.`,
      fix: `Write ${providerId}/${written} (npx @vllm/connect setup --model ${written} does).`,
    };
  }
  if (wanted === undefined || wanted.provider !== providerId) {
    if (providerSettings(config, providerId) === undefined) return undefined;
    if (wanted !== undefined && vllmProviderIds(config).includes(wanted.provider)) return undefined;
    const named = resolveModelRef(config, written);
    return {
      code: "DEFAULT_MODEL_ELSEWHERE",
      severity: "info",
      message:
        wanted === undefined
          ? "No default model is set."
          : `The default model is ${named === undefined ? written : formatModelRef(named)}, not one of ${providerId}.`,
      fix: "npx @vllm/connect setup makes one of your server's models the default.",
    };
  }
  const settings = providerSettings(config, providerId);
  if (settings === undefined) return undefined;
  const ids = configuredModels(config, providerId).map((model) => model["id"]);
  if (ids.includes(wanted.modelId)) return undefined;
  return {
    code: "DEFAULT_MODEL_NOT_CONFIGURED",
    severity: "error",
    model: wanted.modelId,
    message: `The default model ${providerId}/${wanted.modelId} is not in models.providers.${providerId}.models, so ${AGENT_LABELS[agent]} assumes a window of ${agent === "coderclaw" ? "its first model's size" : "200000 tokens"}.`,
    fix: syncFix(situation),
  };
};

/** A list of allowed models leaves some out. */
export const allowed: AgentRule = (situation) =>
  situation.agent === "openclaw" ? allowedByOpenClaw(situation) : allowedByCoderClaw(situation);

/**
 * CoderClaw allows the default model in any case, and every other one only if the list has it, once the list has anything: `/model` in a
 * chat refuses them, and they are skipped as fallbacks (agent rules: `directive-handling.model.ts`, `model-fallback.ts`).
 */
const allowedByCoderClaw: AgentRule = ({ config, providerId, report }) => {
  const listed = Object.keys(asObject(getValue(config, ["agents", "defaults", "models"])));
  if (listed.length === 0) return undefined;
  const fallbacks = getValue(config, ["agents", "defaults", "model", "fallbacks"]);
  const idsOf = (texts: readonly unknown[]): string[] =>
    texts.flatMap((text) => {
      const ref = resolveModelRef(config, String(text));
      return ref?.provider === providerId ? [ref.modelId] : [];
    });
  const allowedIds = idsOf([...listed, writtenDefault(config) ?? ""]);
  const fallbackIds = idsOf(Array.isArray(fallbacks) ? fallbacks : []);
  const isConfigured = providerSettings(config, providerId) !== undefined;
  const ids = (isConfigured ? configuredModels(config, providerId) : (report?.models ?? [])).map(({ id }) =>
    String(id),
  );
  const isNoneAllowed = !ids.some((id) => allowedIds.includes(id));
  return ids
    .filter((id) => !allowedIds.includes(id))
    .map((id) => ({
      code: "MODEL_NOT_ALLOWED",
      severity: isNoneAllowed || fallbackIds.includes(id) ? "warning" : "info",
      model: id,
      message: `${id}: agents.defaults.models has entries, which makes it the list of allowed models, and this one is not among them. CoderClaw refuses it for /model in a chat${fallbackIds.includes(id) ? ", and skips it as a fallback" : ""}.`,
      fix: `Add "${providerId}/<id>": {} to agents.defaults.models, or remove all of agents.defaults.models to allow every model.`,
    }));
};

/** OpenClaw's list of allowed models leaves the default one out. */
const allowedByOpenClaw: AgentRule = ({ config, providerId }) => {
  const allow = getValue(config, ["agents", "defaults", "modelPolicy", "allow"]);
  const wanted = defaultModel(config);
  if (wanted?.provider !== providerId) return undefined;
  const ref = `${providerId}/${wanted.modelId}`;
  if (isAllowed(allow, ref)) return undefined;
  return {
    code: "MODEL_NOT_ALLOWED",
    severity: "error",
    model: wanted.modelId,
    message: `agents.defaults.modelPolicy.allow does not allow the default model ${ref}.`,
    fix: `Add "${ref}" or "${providerId}/*" to it.`,
  };
};
