import { rm } from "node:fs/promises";
import type { AgentLocation } from "../agents/agent-location.ts";
import { readSetupRecord, recordPath } from "../agent-config/setup-record.ts";
import { backupPath } from "../config-file/backups.ts";
import { withFileLock } from "../config-file/file-lock.ts";
import { hashOf, pathExists, readBytes } from "../config-file/read-bytes.ts";

/** What a set-up made where there was nothing before. */
export interface FirstSetup {
  configPath: string;
  text: string;
  /** Files that are removed. */
  removed: readonly string[];
  /** Files that stay, for something else may be in them: the store of keys. */
  kept: readonly string[];
}

/** The files of a first set-up, as long as nobody has changed the configuration since; undefined when there was one before, or is none now. */
export async function planFirstUndo(location: AgentLocation): Promise<FirstSetup | undefined> {
  const { configPath, authProfilesPath, envFile } = location;
  const created = (await readSetupRecord(location)).createdHash();
  if (created === undefined || (await pathExists(backupPath(configPath)))) return undefined;
  const bytes = await readBytes(configPath);
  if (bytes === undefined || hashOf(bytes) !== created) return undefined;
  const keys = authProfilesPath ?? envFile;
  return {
    configPath,
    text: bytes.toString(),
    removed: [configPath, recordPath(location)],
    kept: (await pathExists(keys)) ? [keys] : [],
  };
}

export async function undoFirstSetup({ configPath, removed }: FirstSetup): Promise<void> {
  await withFileLock(`${configPath}.vllm-connect`, async () => {
    for (const path of removed) await rm(path, { force: true });
  });
}
