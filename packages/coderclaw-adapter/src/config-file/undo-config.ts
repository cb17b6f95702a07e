import { rename } from "node:fs/promises";
import { backupPath } from "./backups.ts";
import { fileError } from "./file-error.ts";
import { withFileLock } from "./file-lock.ts";
import type { ConfigCheck } from "./edit-config-file.ts";
import type { ConfigFile } from "./read-config-file.ts";
import { followLinks, hashOf, readBytes } from "./read-bytes.ts";
import { parseDocument, readConfigFile } from "./read-config-file.ts";
import { refuseProtected } from "./refuse-protected.ts";

export interface UndoPlan {
  /** The file now. An invalid one is shown as its text, with `{}` as its value. */
  file: Pick<ConfigFile, "path" | "realPath" | "text" | "hash">;
  /** The backup that takes its place. */
  text: string;
}

/**
 * What `undo` would restore.
 *
 * @throws {ConfigError} when there is no backup, or the agent would refuse it.
 */
export async function planUndo(path: string, check: ConfigCheck): Promise<UndoPlan> {
  const backup = await readConfigFile(backupPath(path));
  if (!backup.exists) {
    throw fileError({
      message: `There is no backup of ${path}.`,
      hint: `A backup (${backupPath(path)}) is made whenever this command or the agent changes the file.`,
      received: "no backup",
      accepted: "a .bak file beside the configuration",
    });
  }
  check(backup.text, backup.value);
  const realPath = await followLinks(path);
  const bytes = await readBytes(realPath);
  return {
    file: { path, realPath, text: bytes?.toString() ?? "", hash: bytes === undefined ? undefined : hashOf(bytes) },
    text: backup.text,
  };
}

/** Swaps the file and its backup: doing it twice changes nothing. */
export async function undoConfig({ file, text }: UndoPlan): Promise<void> {
  const { path, realPath, hash } = file;
  await withFileLock(`${realPath}.vllm-connect`, async (lock) => {
    const current = await readBytes(realPath);
    if ((current === undefined ? undefined : hashOf(current)) !== hash) {
      throw fileError({
        message: `${path} was changed by another program in the meantime.`,
        hint: "Run undo again; nothing was written.",
        received: "another content than a moment ago",
        accepted: "the content that was shown",
      });
    }
    parseDocument(text, backupPath(path));
    if (current !== undefined) await refuseProtected(realPath);
    // The present content is safe under a third name before either file is touched.
    const kept = `${backupPath(path)}.undone`;
    if (current !== undefined) await lock.write(kept, current);
    await lock.write(realPath, text);
    if (current !== undefined) await rename(kept, backupPath(path));
  });
}
