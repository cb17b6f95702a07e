import type { ConfigChange } from "../config-file/edit-config-file.ts";
import { planFileEdit, writeConfigChange } from "../config-file/edit-config-file.ts";
import { hashOf } from "../config-file/read-bytes.ts";
import { configCheck } from "../agent-config/check-config.ts";
import type { ReadAgentConfig } from "../agent-config/read-agent-config.ts";
import type { SetupToRemember } from "../agent-config/setup-record.ts";
import { saveSetupRecord } from "../agent-config/setup-record.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import { saveVariable } from "../secrets/env-file.ts";
import type { KeyWrite } from "./plan-key.ts";
import type { SetupPlan } from "./plan-setup.ts";

/**
 * The configuration as it will be: checked, not written.
 *
 * @throws {ConfigError} when the agent would refuse it.
 */
export function previewSetup({ location, file, env }: ReadAgentConfig, plan: SetupPlan): ConfigChange {
  return planFileEdit(file, plan.edits, configCheck(location, env));
}

interface PlannedWrite extends Pick<SetupToRemember, "providerId" | "bridge"> {
  plan: SetupPlan;
  change: ConfigChange;
}

/** Writes the key first, so that the configuration never names one that is not there; then the configuration; then the record. */
export async function applySetup(
  agent: ReadAgentConfig,
  { providerId, plan, change, bridge }: PlannedWrite,
): Promise<void> {
  if (plan.keyWrite !== undefined) await writeKey(plan.keyWrite, agent.location.oauthPath);
  await writeConfigChange(change);
  const { record: models, apiRoot, profiles } = plan;
  const created = change.file.exists ? undefined : hashOf(Buffer.from(change.text));
  await saveSetupRecord(agent.location, {
    providerId,
    models,
    profiles: { apiRoot, models: profiles },
    bridge,
    created,
  });
}

function writeKey(write: KeyWrite, oauthPath: string | undefined): Promise<unknown> {
  return write.kind === "profile"
    ? saveApiKeyProfile(write.path, { provider: write.provider, key: write.key }, { oauthPath })
    : saveVariable(write.path, write.name, write.key);
}
