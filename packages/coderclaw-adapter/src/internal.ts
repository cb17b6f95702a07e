/** For `@vllm/connect` of the same version: nothing in here is promised to anybody else. */
export { backupPath } from "./config-file/backups.ts";
export { planFileEdit, writeConfigChange } from "./config-file/edit-config-file.ts";
export type { ConfigChange } from "./config-file/edit-config-file.ts";
export type { DocumentEdit } from "./config-file/edit-document.ts";
export { fileError, explainFileError } from "./config-file/file-error.ts";
export { findIncludeOf } from "./config-file/includes.ts";
export { asObject, getValue, isObject } from "./config-file/json-value.ts";
export type { JsonObject } from "./config-file/json-value.ts";
export { planUndo, undoConfig } from "./config-file/undo-config.ts";
export type { AdapterFinding } from "./findings/adapter-finding.ts";
export { isForAgents } from "./findings/advice-for-agents.ts";
export { allFindings, isError } from "./findings/all-findings.ts";
export { bridgeNotRunning } from "./findings/bridge-not-running.ts";
export { diagnoseAgent } from "./findings/diagnose-agent.ts";
export { findingsAfterSetup } from "./findings/findings-after-setup.ts";
export { AGENT_WINDOW, BARE_PROMPT, SMALLEST_WINDOW } from "./findings/agent-windows.ts";
export { mergeAlike } from "./findings/merge-alike.ts";
export { serveForAgent } from "./findings/serve-for-agent.ts";
export { configCheck } from "./agent-config/check-config.ts";
export { defaultProviderId } from "./agent-config/default-provider.ts";
export { readSetupRecord } from "./agent-config/setup-record.ts";
export type { SetupRecord } from "./agent-config/setup-record.ts";
export {
  providerHeaders,
  resolveKey,
  defaultModel,
  providerBaseUrl,
  vllmProviderIds,
  keyVariable,
} from "./agent-config/provider-settings.ts";
export { readAgentConfig } from "./agent-config/read-agent-config.ts";
export type { ReadAgentConfig } from "./agent-config/read-agent-config.ts";
export { refuseReadOnly } from "./agent-config/refuse-read-only.ts";
export { detectAgent, detectAgents } from "./agents/detect-agent.ts";
export type { DetectedAgent, AgentChoice } from "./agents/detect-agent.ts";
export { findOnPath } from "./agents/find-on-path.ts";
export { currentSurroundings, systemHome } from "./agents/agent-home.ts";
export type { Surroundings } from "./agents/agent-home.ts";
export { AGENT_LABELS } from "./agents/agent-location.ts";
export type { AgentId, AgentLocation } from "./agents/agent-location.ts";
export { openClawSetupCommand, OPENCLAW_PROVIDER_ID, OPENCLAW_TESTED_VERSION } from "./agents/plugin-ids.ts";
export { pluginIds, writePluginFolder } from "./plugin/plugin-folder.ts";
export { explainRefusal } from "./wizard/explain-refusal.ts";
export { toHostModels } from "./provider/host-model.ts";
export type { HostModel, FieldReason } from "./provider/host-model.ts";
export type { KeptField } from "./provider/merge-model.ts";
export { planProvider } from "./provider/plan-provider.ts";
export { parseProviderId } from "./provider/provider-id.ts";
export { parseApiKey } from "./secrets/api-key.ts";
export { heldBackUntil } from "./secrets/auth-profile-store.ts";
export { redactDocument } from "./secrets/redact-document.ts";
export { applySetup, previewSetup } from "./setup/apply-setup.ts";
export { toKeepRunning } from "./setup/keep-running.ts";
export type { KeepRunning } from "./setup/keep-running.ts";
export type { FirstSetup } from "./setup/undo-first-setup.ts";
export { planFirstUndo, undoFirstSetup } from "./setup/undo-first-setup.ts";
export { planSetup } from "./setup/plan-setup.ts";
export type { KeyChoice } from "./setup/plan-key.ts";
export type { SetupPlan } from "./setup/plan-setup.ts";
export { quoteForShell } from "./setup/quote-for-shell.ts";
export { firstMessage } from "./setup/first-message.ts";
export { bridgeKeyRefused } from "./findings/bridge-key-refused.ts";
export type { Installation } from "./agent-config/installation.ts";
export { diagnoseInstallation } from "./findings/diagnose-agent.ts";
export { readInstallation } from "./agent-config/installation.ts";
export type { AgentSituation } from "./findings/agent-situation.ts";
