import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import writeFileAtomic from "write-file-atomic";
import { fileError } from "../config-file/file-error.ts";
import type { FileLockTimes } from "../config-file/file-lock.ts";
import { withFileLock } from "../config-file/file-lock.ts";
import type { JsonValue } from "../config-file/json-value.ts";
import { asObject, isSameValue } from "../config-file/json-value.ts";
import { followLinks, pathExists } from "../config-file/read-bytes.ts";
import { defaultProfileId, readStore } from "./auth-profile-store.ts";

export interface ApiKeyProfile {
  provider: string;
  key: string;
}

/**
 * Stores a key as `<provider>:default`, under the host's lock, atomically, mode 0600. Other profiles and keys of the file stay.
 *
 * @returns whether the file was changed.
 * @throws {ConfigError} when the lock stays held or the file is invalid: then nothing is written.
 */
export async function saveApiKeyProfile(
  path: string,
  { provider, key }: ApiKeyProfile,
  times?: FileLockTimes,
): Promise<boolean> {
  const realPath = await followLinks(path);
  await mkdir(dirname(realPath), { recursive: true, mode: 0o700 });
  return withFileLock(
    realPath,
    async () => {
      const store = await readStore(path);
      if (store === undefined) await refuseUnmigrated(path);
      const profile = { type: "api_key", provider, key };
      const profiles = asObject(store?.["profiles"]);
      const id = defaultProfileId(provider);
      if (isSameValue(profiles[id], profile)) return false;
      const next: Record<string, JsonValue | undefined> = {
        ...(store ?? { version: 1 }),
        profiles: { ...profiles, [id]: profile },
      };
      await writeFileAtomic(realPath, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
      return true;
    },
    times,
  );
}

/** Without its own file the host takes over logins of older versions; a new file would hide them for ever. */
async function refuseUnmigrated(path: string): Promise<void> {
  const agentDir = dirname(path);
  for (const old of [join(agentDir, "auth.json"), join(agentDir, "..", "..", "..", "credentials", "oauth.json")]) {
    if (!(await pathExists(old))) continue;
    throw fileError({
      message: `${old} holds logins of an older version that the host has not taken over yet.`,
      hint: "Run `coderclaw models status` once, then this command again; nothing was written.",
      received: "logins of an older version",
      accepted: "an auth-profiles.json",
    });
  }
}
