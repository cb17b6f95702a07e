import { stat } from "node:fs/promises";
import { fileError } from "./file-error.ts";

/**
 * A rename would replace a file that its owner has made read-only, and make it writable.
 *
 * @throws {ConfigError} when nobody may write the file.
 */
export async function refuseProtected(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o222) !== 0) return;
  throw fileError({
    message: `${path} is write-protected.`,
    hint: `If it may be changed: chmod u+w ${path}. The file is as it was; --dry-run shows what to put there.`,
    received: "a file that nobody may write",
    accepted: "a writable file",
  });
}
