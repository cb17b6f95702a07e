import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import lockfile from "proper-lockfile";

export interface MakeOnceOptions {
  /** Has the folder what it must have? Its existence alone is not enough where a user may have cleaned up in it. */
  isUsable(folder: string): Promise<boolean>;
  /** Fills the folder, which exists and is empty. */
  make(folder: string): Promise<void>;
  /** Called once when another process is at it. */
  onWait?: (() => void) | undefined;
  signal?: AbortSignal | undefined;
}

const RETRY_MS = 500;
/** A process that has died without a word is waited for this long. */
const STALE_MS = 15_000;

/**
 * Makes a folder that all clones share, once. It is filled under another name and renamed at the end, so that what has
 * the name is whole: an interrupted or failed make leaves nothing that anyone would use. Of several processes one makes
 * it, the others wait.
 */
export async function makeOnce(folder: string, options: MakeOnceOptions): Promise<void> {
  const { isUsable, make, signal } = options;
  if (await isUsable(folder)) return;
  await mkdir(dirname(folder), { recursive: true });
  const release = await lock(folder, options);
  try {
    if (await isUsable(folder)) return;
    await removeLeftovers(folder);
    const building = `${folder}.building-${randomUUID().slice(0, 8)}`;
    try {
      await mkdir(building);
      await make(building);
      signal?.throwIfAborted();
      await rm(folder, { recursive: true, force: true });
      await rename(building, folder);
    } catch (error) {
      await rm(building, { recursive: true, force: true, maxRetries: 3 });
      throw error;
    }
  } finally {
    await release();
  }
}

async function lock(folder: string, { onWait, signal }: MakeOnceOptions): Promise<() => Promise<void>> {
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      const release = await lockfile.lock(folder, {
        realpath: false,
        stale: STALE_MS,
        // losing the lock costs work made twice, never a broken folder: the rename decides
        onCompromised: () => {},
      });
      return async () => release().catch(() => {});
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      if (attempt === 0) onWait?.();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** What an interrupted make has left behind. */
async function removeLeftovers(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.building-`;
  const names = (await readdir(dirname(folder))).filter((name) => name.startsWith(prefix));
  await Promise.all(
    names.map((name) => rm(join(dirname(folder), name), { recursive: true, force: true, maxRetries: 3 })),
  );
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
