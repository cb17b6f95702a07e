/** Shapes of CoderClaw (and of OpenClaw where they are the same), declared here because the host is no package that can be installed (contract 6.2, 6.5). */
import type { ModelEntry } from "@vllm/schema";
import type { JsonObject } from "../config-file/json-value.ts";

/** `ModelDefinitionConfig` of the host (`config/types.models.ts`): everything but `api`, `headers` and `compat` is required. */
export interface ModelDefinitionConfig extends Omit<ModelEntry, "headers" | "compat"> {
  headers?: Record<string, string>;
  compat?: Record<string, unknown>;
}

/** A provider as the host's implicit providers return it. */
export interface HostProviderConfig {
  baseUrl: string;
  apiKey?: string;
  api: "openai-completions";
  models: ModelDefinitionConfig[];
}

/** The host's configuration as its code passes it around. */
export type HostConfigObject = JsonObject;
