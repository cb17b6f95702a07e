import { createHash } from "node:crypto";
import { lstat, readFile, readlink, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ConfigError } from "@vllm/schema/core";
import { fileError, systemCode } from "./file-error.ts";

export function hashOf(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A configuration has some kilobytes; JSON5 of this size takes a second to read. */
const MOST_BYTES = 4 * 1024 * 1024;

function notAFile(path: string): ConfigError {
  return fileError({
    message: `${path} is not a file but a pipe, a socket or a device.`,
    hint: "Name the configuration file itself; nothing was read.",
    received: "something that is not a file",
    accepted: "a file",
  });
}

function tooLarge(path: string, bytes: number): ConfigError {
  return fileError({
    message: `${path} has ${Math.round(bytes / 1024 / 1024)} MiB, and a configuration has at most ${MOST_BYTES / 1024 / 1024}.`,
    hint: "Check that it is the configuration: something else may have been written into it. Nothing was read.",
    received: `${bytes} bytes`,
    accepted: `at most ${MOST_BYTES} bytes`,
  });
}

/** The file's bytes; undefined when it does not exist. */
export async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    const status = await stat(path);
    // Reading a pipe would wait for whoever writes into it.
    if (!status.isFile() && !status.isDirectory()) throw notAFile(path);
    if (status.size > MOST_BYTES) throw tooLarge(path, status.size);
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
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
