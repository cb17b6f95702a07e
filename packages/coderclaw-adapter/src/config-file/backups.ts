import { rename } from "node:fs/promises";
import type { HeldLock } from "./file-lock.ts";
import { systemCode } from "./file-error.ts";

const OLDER_BACKUPS = 4;

/** The newest backup of a configuration file (agent rule: `backup-rotation.ts`). */
export function backupPath(configPath: string): string {
  return `${configPath}.bak`;
}

/** Makes room: `.bak` becomes `.bak.1`, … `.bak.3` becomes `.bak.4`; then keeps `content` as `.bak`. */
export async function rotateBackups(configPath: string, content: Uint8Array, lock: HeldLock): Promise<void> {
  const newest = backupPath(configPath);
  const names = [newest, ...Array.from({ length: OLDER_BACKUPS }, (_, index) => `${newest}.${index + 1}`)];
  for (let index = names.length - 1; index > 0; index -= 1) {
    await renameIfPresent(names[index - 1] as string, names[index] as string);
  }
  await lock.write(newest, content);
}

async function renameIfPresent(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
