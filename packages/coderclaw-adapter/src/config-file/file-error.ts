import { ConfigError } from "@vllm/schema/core";

/** A file that cannot be read or written: what happened, and what to do. */
export function fileError(problem: {
  message: string;
  hint: string;
  received: string;
  accepted: string;
  line?: number | undefined;
  column?: number | undefined;
  cause?: unknown;
}): ConfigError {
  const { message, hint, received, accepted, line, column, cause } = problem;
  return new ConfigError({ message, hint, cause, issues: [{ path: "", received, accepted, fix: hint, line, column }] });
}

/** `EACCES`, `ENOENT` and the like; undefined for another kind of error. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/** A refusal of the file system, as an error that says what to do; anything else as it is. */
export function explainFileError(error: unknown): unknown {
  const code = systemCode(error);
  const { path } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === undefined || path === undefined || !(code in FILE_REFUSALS)) return error;
  return fileError({
    message: `${path} cannot be written (${code}).`,
    hint: FILE_REFUSALS[code as keyof typeof FILE_REFUSALS],
    received: code,
    accepted: "a writable directory",
    cause: error,
  });
}

const PERMISSIONS = "Run the command as the user who runs the agent, or correct the permissions of that directory.";
const FILE_REFUSALS = {
  EACCES: PERMISSIONS,
  EPERM: PERMISSIONS,
  EROFS: "It is on a file system that nobody may write to: change the file where it comes from.",
  ENOSPC: "The disk is full.",
  ENOENT: "A folder of the path does not exist: create it, or name another place.",
  ENOTDIR: "A part of the path is a file: move it out of the way.",
} as const;
