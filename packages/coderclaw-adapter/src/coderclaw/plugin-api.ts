/** The parts of CoderClaw's plugin API that are used (its `src/plugins/types.ts`). */
import type { JsonObject } from "../config-file/json-value.ts";
import type { WizardPrompter } from "../wizard/wizard-prompter.ts";

export interface CoderClawPluginApi {
  config?: JsonObject | undefined;
  pluginConfig?: unknown;
  logger?: { warn(message: string): void; info?(message: string): void } | undefined;
  registerProvider?(provider: CoderClawProvider): void;
  on?(hook: "before_model_resolve", handler: () => Promise<void>, options?: { priority?: number }): void;
}

/** The agent reads `id`, `label`, `docsPath`, `aliases` and `auth`, nothing else (agent/coderclaw/plugin-provider). */
export interface CoderClawProvider {
  id: string;
  label: string;
  docsPath: string;
  aliases: string[];
  auth: {
    id: string;
    label: string;
    hint: string;
    kind: "custom";
    run(context: CoderClawAuthContext): Promise<CoderClawAuthResult>;
  }[];
}

export interface CoderClawAuthContext {
  config: JsonObject;
  prompter: WizardPrompter;
}

export interface CoderClawAuthResult {
  profiles: { profileId: string; credential: { type: "api_key"; provider: string; key: string } }[];
  configPatch: JsonObject;
  defaultModel: string;
  notes: string[];
}
