import { VllmError } from "@vllm/schema/core";
import type { Environment } from "../options/environment.ts";

/**
 * Where requests are reported: `console`, or a logger of pino, winston or another library. `debug` gets every request with its status and
 * its times in ms, `warn` every request that is sent again. No line holds a prompt, an answer, a key, a header or the query of an address.
 * What it throws is ignored.
 */
export interface Logger {
  debug?(message: string): void;
  warn?(message: string): void;
}

/** `debug` and `warn` report without a {@link Logger}, on stderr. */
const VARIABLE = "VLLM_LOG";

/**
 * The caller's logger, else the one that `VLLM_LOG` asks for.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a value of `VLLM_LOG` that is not known
 */
export function chooseLogger(logger: Logger | undefined, environment?: Environment): Logger | undefined {
  if (logger !== undefined) return logger;
  const value = readVariable(environment)?.trim() ?? "";
  if (value === "") return undefined;
  if (value === "warn") return { warn: writeError };
  if (value === "debug") return { warn: writeError, debug: writeError };
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `${VARIABLE} has an unknown value.`,
    hint: `Set ${VARIABLE}=debug to see every request and ${VARIABLE}=warn to see only those that are sent again, or unset it.`,
  });
}

/** Reports one line. A logger that fails must not fail the request. */
export function report(logger: Logger | undefined, level: keyof Logger, message: string): void {
  try {
    logger?.[level]?.(message);
  } catch {
    // It is the caller's own.
  }
}

function readVariable(environment: Environment | undefined): string | undefined {
  try {
    return (environment ?? globalThis.process?.env)?.[VARIABLE];
  } catch {
    // Deno throws, when the variable is read, for a program that may not read it.
    return undefined;
  }
}

/** On stderr: a program's answer may be on stdout. */
function writeError(message: string): void {
  // oxlint-disable-next-line no-console -- the one stream for messages that every runtime has
  console.error(`vllm: ${message}`);
}
