import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { FileLockTimes } from "../config-file/file-lock.ts";
import { withFileLock } from "../config-file/file-lock.ts";
import type { JsonValue } from "../config-file/json-value.ts";
import { asObject, isSameValue } from "../config-file/json-value.ts";
import { followLinks } from "../config-file/read-bytes.ts";
import { defaultProfileId, readStore } from "./auth-profile-store.ts";
import { refuseHiddenLogins } from "./old-logins.ts";

export interface ApiKeyProfile {
  provider: string;
  key: string;
}

export interface SaveProfileOptions {
  times?: FileLockTimes | undefined;
  /** Where CoderClaw looks for OAuth logins of an older version. Default: `credentials/oauth.json` of the same state directory. */
  oauthPath?: string | undefined;
}

/**
 * Stores a key as `<provider>:default`, under the agent's lock, atomically, mode 0600. Other profiles and keys of the file stay.
 *
 * @returns whether the file was changed.
 * @throws {ConfigError} when the lock stays held, the file is invalid, or logins of an older version are still to be migrated: then nothing
 *   is written.
 */
export async function saveApiKeyProfile(
  path: string,
  { provider, key }: ApiKeyProfile,
  { times, oauthPath }: SaveProfileOptions = {},
): Promise<boolean> {
  const realPath = await followLinks(path);
  await mkdir(dirname(realPath), { recursive: true, mode: 0o700 });
  return withFileLock(
    realPath,
    async (lock) => {
      const store = await readStore(path);
      // Without `profiles` it is no store to CoderClaw, either.
      if (store?.["profiles"] === undefined) await refuseHiddenLogins(path, oauthPath);
      const profile = { type: "api_key", provider, key };
      const profiles = asObject(store?.["profiles"]);
      const id = defaultProfileId(provider);
      if (isSameValue(profiles[id], profile)) return false;
      const next: Record<string, JsonValue | undefined> = {
        version: 1,
        ...store,
        profiles: { ...profiles, [id]: profile },
      };
      await lock.write(realPath, `${JSON.stringify(next, null, 2)}\n`);
      return true;
    },
    times,
  );
}
