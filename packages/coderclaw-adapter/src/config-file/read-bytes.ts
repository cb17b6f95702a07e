import { createHash } from "node:crypto";
import { lstat, readFile, readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileError, systemCode } from "./file-error.ts";

export function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The file's bytes; undefined when it does not exist. */
export async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw fileError({
      message: `${path} cannot be read (${code ?? "unknown error"}).`,
      hint:
        code === "EISDIR"
          ? "It is a directory: name the file itself."
          : "Run the command as the user who runs the agent, or correct the file's permissions.",
      received: code ?? "an error",
      accepted: "a readable file",
      cause,
    });
  }
}

export async function pathExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The path behind symbolic links, also where the last one points to a file that does not exist yet. */
export async function followLinks(path: string, depth = 0): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (systemCode(cause) !== "ENOENT" || depth > 40) return resolve(path);
  }
  const isLink = await lstat(path).then(
    (stat) => stat.isSymbolicLink(),
    () => false,
  );
  return isLink ? followLinks(resolve(dirname(path), await readlink(path)), depth + 1) : resolve(path);
}
