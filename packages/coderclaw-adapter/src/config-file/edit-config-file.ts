import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { backupPath, rotateBackups } from "./backups.ts";
import type { DocumentEdit } from "./edit-document.ts";
import { editDocument } from "./edit-document.ts";
import { fileError, systemCode } from "./file-error.ts";
import { withFileLock } from "./file-lock.ts";
import type { JsonObject } from "./json-value.ts";
import { getValue, isSameValue } from "./json-value.ts";
import type { ConfigFile } from "./read-config-file.ts";
import { followLinks, hashOf, readBytes } from "./read-bytes.ts";
import { parseDocument, readConfigFile } from "./read-config-file.ts";
import { refuseProtected } from "./refuse-protected.ts";

/** A configuration file as it would be after an edit; nothing is written yet. */
export interface ConfigChange {
  /** False when the file says all of it already: then nothing is written and no backup is made. */
  changed: boolean;
  file: ConfigFile;
  /** The text after the change. */
  text: string;
  /** What it says. */
  value: JsonObject;
}

/** Throws when the agent would refuse the configuration. `text` belongs to `value`. */
export type ConfigCheck = (text: string, value: JsonObject) => void;

/**
 * What a configuration file would be with `edits` in it. Reads, writes nothing.
 *
 * @throws {ConfigError} when the file is invalid before or after, or the edits do not fit it.
 */
export async function planConfigEdit(
  path: string,
  edits: readonly DocumentEdit[],
  check: ConfigCheck,
): Promise<ConfigChange> {
  return planFileEdit(await readConfigFile(path), edits, check);
}

/** The same for a file that has been read: a change is planned, and written, for the content that was seen. */
export function planFileEdit(file: ConfigFile, edits: readonly DocumentEdit[], check: ConfigCheck): ConfigChange {
  const { path } = file;
  const before = file.exists ? file.text : "{}\n";
  if (file.exists) check(file.text, file.value);
  const text = editDocument(before, edits);
  const value = parseDocument(text, path);
  for (const edit of edits) {
    if (!isSameValue(getValue(value, edit.path), edit.value)) throw new Error(`The edit of ${path} lost its value.`);
  }
  check(text, value);
  return { changed: text !== file.text && !(edits.length === 0 && !file.exists), file, text, value };
}

/**
 * Writes a planned change: under a lock, only if the file is still the one that was planned for, the old content kept as `.bak`,
 * by a temporary file and a rename, mode 0600, in a directory of mode 0700.
 *
 * @throws {ConfigError} when the file was changed in the meantime or cannot be written.
 */
export async function writeConfigChange(change: ConfigChange): Promise<void> {
  if (!change.changed) return;
  const { path } = change.file;
  // The path is resolved again: a link may have been put there since the change was planned.
  const realPath = await followLinks(path);
  await translateErrors(path, async () => {
    await mkdir(dirname(realPath), { recursive: true, mode: 0o700 });
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await withFileLock(`${realPath}.vllm-connect`, async (lock) => {
      const current = await readBytes(realPath);
      if ((current === undefined ? undefined : hashOf(current)) !== change.file.hash) throw changedMeanwhile(path);
      if (current !== undefined) await refuseProtected(realPath);
      if (current !== undefined) await rotateBackups(path, current, lock);
      await lock.write(realPath, change.text);
      const written = await readBytes(realPath);
      if (written?.toString() !== change.text) throw changedMeanwhile(path);
    });
  });
}

async function translateErrors(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const code = systemCode(cause);
    if (code === undefined || code === "CONFIG_INVALID") throw cause;
    throw fileError({
      message: `${path} cannot be written (${code}).`,
      hint:
        code === "ENOSPC"
          ? "The disk is full; the file is as it was."
          : "Run the command as the user who runs the agent, or correct the permissions of the file's directory; the file is as it was.",
      received: code,
      accepted: "a writable directory",
      cause,
    });
  }
}

function changedMeanwhile(path: string): Error {
  return fileError({
    message: `${path} was changed by another program in the meantime.`,
    hint: `Run the command again: it will start from the new content. The last content before this command is in ${backupPath(path)}, if a backup was made.`,
    received: "another content than a moment ago",
    accepted: "the content that the change was made for",
  });
}
