import type { ConfigChange } from "../config-file/edit-config-file.ts";
import { planConfigEdit, writeConfigChange } from "../config-file/edit-config-file.ts";
import { configCheck } from "../host-config/check-config.ts";
import type { ReadHostConfig } from "../host-config/read-host-config.ts";
import { saveProfiles, saveRecord } from "../host-config/record.ts";
import { fileError } from "../config-file/file-error.ts";
import { HOST_LABELS } from "../hosts/host-location.ts";
import { saveApiKeyProfile } from "../secrets/auth-profiles.ts";
import { saveVariable } from "../secrets/env-file.ts";
import type { KeyWrite, SetupPlan } from "./plan-setup.ts";

/**
 * The configuration as it will be: checked, not written.
 *
 * @throws {ConfigError} when the host would refuse it, or says that it may not be changed.
 */
export async function previewSetup(host: ReadHostConfig, plan: SetupPlan): Promise<ConfigChange> {
  const { location, env } = host;
  const change = await planConfigEdit(location.configPath, plan.edits, configCheck(location, env));
  if (change.changed && location.readOnly !== undefined) {
    throw fileError({
      message: `${location.configPath} may not be changed: ${location.readOnly}.`,
      hint: `Change it where it is managed; --dry-run shows what to put there.`,
      received: "a configuration that is read-only",
      accepted: `one that ${HOST_LABELS[location.host]} lets programs change`,
    });
  }
  return change;
}

/** Writes the key first, so that the configuration never names one that is not there; then the configuration; then the record. */
export async function applySetup(
  host: ReadHostConfig,
  providerId: string,
  plan: SetupPlan,
  change: ConfigChange,
): Promise<{ keyStored: boolean }> {
  const keyStored = plan.keyWrite === undefined ? false : await writeKey(plan.keyWrite);
  await writeConfigChange(change);
  await saveRecord(host.location, providerId, plan.record);
  await saveProfiles(host.location, plan.apiRoot, plan.profiles);
  return { keyStored };
}

function writeKey(write: KeyWrite): Promise<boolean> {
  return write.kind === "profile"
    ? saveApiKeyProfile(write.path, { provider: write.provider, key: write.key })
    : saveVariable(write.path, write.name, write.key);
}
