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
export type { ApiKeyProfileUpsert, AgentProviderConfig, ModelDefinitionConfig } from "./drop-in/coderclaw-types.ts";
export type { WizardPrompter } from "./wizard/wizard-prompter.ts";

// The plugin
export { createPlugin } from "./plugin/create-plugin.ts";
export type { PluginApi, VllmPlugin } from "./plugin/create-plugin.ts";

// Where an agent's configuration is, and what it says
export { detectAgent } from "./agents/detect-agent.ts";
export type { DetectedAgent, AgentChoice } from "./agents/detect-agent.ts";
export type { AgentId, AgentLocation } from "./agents/agent-location.ts";
export type { Surroundings } from "./agents/agent-home.ts";
export { readAgentConfig } from "./agent-config/read-agent-config.ts";
export type { ReadAgentConfig } from "./agent-config/read-agent-config.ts";
export { resolveModelRef } from "./agent-config/provider-settings.ts";
export { findProfileKey } from "./secrets/auth-profile-store.ts";
export type { AuthProfileStore } from "./secrets/auth-profile-store.ts";

// What belongs into it, and why
export { toHostModels } from "./provider/host-model.ts";
export type { FieldReason, HostModel } from "./provider/host-model.ts";
export { planProvider } from "./provider/plan-provider.ts";
export type { ProviderPlan, ProviderPlanInput } from "./provider/plan-provider.ts";
export type { RecordedModels } from "./agent-config/setup-record.ts";
export { planDefaultModel } from "./provider/plan-default-model.ts";
export type { DefaultModelPlan } from "./provider/plan-default-model.ts";
export { applyEdits } from "./provider/apply-edits.ts";

// Editing it and keeping it the user's
export { planConfigEdit, writeConfigChange } from "./config-file/edit-config-file.ts";
export type { ConfigChange, ConfigCheck } from "./config-file/edit-config-file.ts";
export type { JsonObject, JsonValue } from "./config-file/json-value.ts";
