import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** A folder of one run, readable by this user only. */
export interface PrivateFolder {
  path: string;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Synchronous, so that a process that is ending can do it. */
  remove(): void;
}

export function createPrivateFolder(): PrivateFolder {
  // mkdtemp makes it with mode 0700.
  const path = mkdtempSync(join(tmpdir(), "vllm-connect-"));
  return {
    path,
    async write(files) {
      for (const [name, text] of Object.entries(files))
        await writeFile(join(path, basename(name)), text, { mode: 0o600 });
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
