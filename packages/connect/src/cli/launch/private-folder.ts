import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { hasEnded, identityOf } from "./process-identity.ts";

/** A folder of one run, readable by this user only. */
export interface PrivateFolder {
  path: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Synchronous, so that a process that is ending can do it. */
  remove(): void;
}

const PREFIX = "vllm-connect-";
const NAME = /^vllm-connect-(\d+-\d+-\d+)-\w{6}$/;

/** Also removes the folders of this user's runs that were killed before they could do it. */
export function createPrivateFolder(): PrivateFolder {
  removeLeftOvers(tmpdir());
  // mkdtemp makes it with mode 0700.
  const path = mkdtempSync(join(tmpdir(), `${PREFIX}${identityOf(process.pid)}-`));
  return {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files))
        await writeFile(join(path, basename(name)), text, { mode: 0o600 });
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

function removeLeftOvers(parent: string): void {
  for (const name of namesIn(parent)) {
    const [, identity] = NAME.exec(name) ?? [];
    if (identity === undefined || !hasEnded(identity)) continue;
    const path = join(parent, name);
    try {
      const { uid } = lstatSync(path);
      if (uid === (process.getuid?.() ?? uid)) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another run was quicker.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
