// Functions in CoderClaw's own shapes
export {
  buildVllmProvider,
  discoverOpenAiCompatibleModels,
  discoverVllmModels,
} from "./drop-in/discover-vllm-models.ts";
export type { DropInOptions } from "./drop-in/discover-vllm-models.ts";
export { resolveImplicitVllmProvider } from "./drop-in/implicit-provider.ts";
export type { ImplicitVllmProviderParameters } from "./drop-in/implicit-provider.ts";
export { applyAuthChoiceVllm, promptAndConfigureVllm } from "./drop-in/prompt-and-configure.ts";
export type { ApplyAuthChoiceParams, ConfiguredVllm, VllmSetupOptions } from "./drop-in/prompt-and-configure.ts";
export type { ApiKeyProfileUpsert, HostProviderConfig, ModelDefinitionConfig } from "./drop-in/host-types.ts";
export type { WizardPrompter } from "./hosts/wizard-prompter.ts";

// The plugin
export { createPlugin } from "./plugin/create-plugin.ts";
export type { PluginApi, VllmPlugin } from "./plugin/create-plugin.ts";

// Where a host's configuration is, and what it says
export { detectHost } from "./hosts/detect-host.ts";
export type { DetectedHost, HostChoice } from "./hosts/detect-host.ts";
export type { HostId, HostLocation } from "./hosts/host-location.ts";
export type { Surroundings } from "./hosts/host-home.ts";
export { readHostConfig } from "./host-config/read-host-config.ts";
export type { ReadHostConfig } from "./host-config/read-host-config.ts";
export { resolveModelRef } from "./host-config/provider-settings.ts";
export { findProfileKey } from "./secrets/auth-profile-store.ts";
export type { AuthProfileStore } from "./secrets/auth-profile-store.ts";

// What belongs into it, and why
export { toHostModels } from "./provider/host-model.ts";
export type { FieldReason, HostModel } from "./provider/host-model.ts";
export { planProvider } from "./provider/plan-provider.ts";
export type { ProviderPlan, ProviderPlanInput } from "./provider/plan-provider.ts";
export type { RecordedModels } from "./host-config/setup-record.ts";
export { planDefaultModel } from "./provider/plan-default-model.ts";
export type { DefaultModelPlan } from "./provider/plan-default-model.ts";
export { applyEdits } from "./provider/apply-edits.ts";

// Editing it and keeping it the user's
export { planConfigEdit, writeConfigChange } from "./config-file/edit-config-file.ts";
export type { ConfigChange, ConfigCheck } from "./config-file/edit-config-file.ts";
export type { JsonObject, JsonValue } from "./config-file/json-value.ts";
