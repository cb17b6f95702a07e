import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { usageError } from "../terminal/usage-error.ts";

/** Certificates that a command trusts besides the system's. */
export interface CaFile {
  /** Absolute, for commands that are printed. */
  path: string;
  /** PEM. */
  ca: string;
}

const HINT = "Pass --ca-file with a PEM file: it begins with -----BEGIN CERTIFICATE-----.";

/** @throws {VllmError} `CONFIG_INVALID` for a file that cannot be read, and for one without certificates */
export async function readCaFile(given: string): Promise<CaFile> {
  const path = resolve(given);
  const ca = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`The file ${path} cannot be read (${cause.code ?? "unknown error"}).`, HINT);
  });
  if (!ca.includes("-----BEGIN CERTIFICATE-----")) throw usageError(`The file ${path} holds no certificate.`, HINT);
  return { path, ca };
}

/** What the transport is to know of it. */
export function tlsOf({ caFile }: { caFile?: CaFile | undefined }): { ca: string } | undefined {
  return caFile === undefined ? undefined : { ca: caFile.ca };
}
