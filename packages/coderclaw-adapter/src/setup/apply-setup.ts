import type { ConfigChange } from "../config-file/edit-config-file.ts";
import { planConfigEdit, writeConfigChange } from "../config-file/edit-config-file.ts";
import { configCheck } from "../host-config/check-config.ts";
import type { ReadHostConfig } from "../host-config/read-host-config.ts";
import { saveProfiles, saveRecord } from "../host-config/setup-record.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import { saveVariable } from "../secrets/env-file.ts";
import type { KeyWrite } from "./plan-key.ts";
import type { SetupPlan } from "./plan-setup.ts";

/**
 * The configuration as it will be: checked, not written.
 *
 * @throws {ConfigError} when the host would refuse it.
 */
export function previewSetup({ location, env }: ReadHostConfig, plan: SetupPlan): Promise<ConfigChange> {
  return planConfigEdit(location.configPath, plan.edits, configCheck(location, env));
}

/** Writes the key first, so that the configuration never names one that is not there; then the configuration; then the record. */
export async function applySetup(
  host: ReadHostConfig,
  providerId: string,
  plan: SetupPlan,
  change: ConfigChange,
): Promise<void> {
  if (plan.keyWrite !== undefined) await writeKey(plan.keyWrite, host.location.oauthPath);
  await writeConfigChange(change);
  await saveRecord(host.location, providerId, plan.record);
  await saveProfiles(host.location, plan.apiRoot, plan.profiles);
}

function writeKey(write: KeyWrite, oauthPath: string | undefined): Promise<unknown> {
  return write.kind === "profile"
    ? saveApiKeyProfile(write.path, { provider: write.provider, key: write.key }, { oauthPath })
    : saveVariable(write.path, write.name, write.key);
}
