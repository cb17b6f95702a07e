import { getValue, isSameValue } from "../../config-file/json-value.ts";
import type { AdapterFinding } from "../adapter-finding.ts";
import { configuredModels } from "../configured-models.ts";
import type { AgentRule } from "../agent-situation.ts";
import { fieldFix, syncFix } from "../sync-fix.ts";

/** Other fields of an entry that the server showed otherwise. */
export const outdated: AgentRule = (situation) => {
  const { config, providerId, found } = situation;
  return (found ?? []).flatMap(({ id, entry }): AdapterFinding[] => {
    const model = configuredModels(config, providerId).find((other) => other["id"] === id);
    if (model === undefined) return [];
    const fields = ["input", "reasoning"].filter((field) => {
      const written = model[field] ?? (field === "input" ? ["text"] : false);
      return !isSameValue(written, entry[field]);
    });
    return fields.map((field) => ({
      code: "FIELD_OUT_OF_DATE",
      severity: field === "input" ? "warning" : "info",
      model: id,
      message: `${id}: the configuration says ${model[field] === undefined ? `nothing of ${field}` : `${field} ${JSON.stringify(model[field])}`}, the server showed ${JSON.stringify(entry[field])}.${field === "input" ? " Pictures are dropped without a word when input does not list them." : ""}`,
      fix: fieldFix(situation, id, field),
    }));
  });
};

/** CoderClaw's system prompt in a role that the chat template does not know. */
export const developerRole: AgentRule = (situation) => {
  const { config, providerId, report, agent } = situation;
  if (agent !== "coderclaw") return undefined;
  return configuredModels(config, providerId).flatMap((model): AdapterFinding[] => {
    const id = String(model["id"]);
    const written = getValue(model, ["compat", "supportsDeveloperRole"]);
    const served = report?.models.find((other) => other.id === id)?.profile?.history?.value.developerRole;
    if (model["reasoning"] !== true || written === false || (served !== "rejected" && served !== "dropped")) return [];
    return [
      {
        code: "DEVELOPER_ROLE_SENT",
        severity: "error",
        model: id,
        message: `${id}: CoderClaw sends its system prompt in the role developer, which the model's chat template ${served === "rejected" ? "refuses" : "leaves out of the prompt without a word"}.`,
        fix: written === true ? "Set compat.supportsDeveloperRole to false." : syncFix(situation),
      },
    ];
  });
};
