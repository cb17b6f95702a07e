import type { JsonObject } from "../config-file/json-value.ts";
import { isObject } from "../config-file/json-value.ts";
import { providerSettings } from "../agent-config/provider-settings.ts";
import { modelsOf } from "../provider/merge-model.ts";

/** The entries of `models.providers.<id>.models`. */
export function configuredModels(config: JsonObject, providerId: string): JsonObject[] {
  return modelsOf(providerSettings(config, providerId)).filter(isObject);
}
