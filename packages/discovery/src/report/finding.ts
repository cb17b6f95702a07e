import type { FindingCode } from "./finding-codes.ts";

/** `error`: an agent cannot work with this server. `warning`: it works worse than it could. `info`: good to know. */
export type FindingSeverity = "error" | "warning" | "info";

/** Something about a server, a model or a configuration that a person should know or change. */
export interface Finding {
  /** Permanent. `docs/findings.md` has a section for each. */
  code: FindingCode;
  severity: FindingSeverity;
  /** What is the case, in one or two sentences. Never a key or a header's value. */
  message: string;
  /** What to do: a command, a flag, a setting. */
  fix: string;
  /** The model it is about. */
  model?: string | undefined;
}
