import type { ConfigIssue } from "./vllm-error.ts";
import { VllmError } from "./vllm-error.ts";

/** A configuration that cannot be used. `issues` holds **all** its problems; `message` renders them, one a line. */
export class ConfigError extends VllmError {
  override readonly name: string = "ConfigError";
  declare readonly issues: readonly ConfigIssue[];

  constructor(options: { message: string; hint: string; issues: readonly ConfigIssue[]; cause?: unknown }) {
    super({ code: "CONFIG_INVALID", ...options });
  }
}
