/** Shapes of CoderClaw (and of OpenClaw where they are the same), declared here because the agent is no package that can be installed. */
import type { ModelCompat, ModelEntry } from "@vllm/schema";

/** `ModelDefinitionConfig` of the agent (`config/types.models.ts`): everything but `api`, `headers` and `compat` is required. */
export interface ModelDefinitionConfig extends Omit<ModelEntry, "headers" | "compat"> {
  headers?: Record<string, string>;
  compat?: { [Flag in keyof ModelCompat]?: NonNullable<ModelCompat[Flag]> };
}

/** A provider as the agent's implicit providers return it. */
export interface AgentProviderConfig {
  baseUrl: string;
  apiKey?: string;
  api: "openai-completions";
  models: ModelDefinitionConfig[];
}

/** What the agent hands to its own function `upsertAuthProfileWithLock`. */
export interface ApiKeyProfileUpsert {
  profileId: string;
  credential: { type: "api_key"; provider: string; key: string };
  agentDir?: string;
}
