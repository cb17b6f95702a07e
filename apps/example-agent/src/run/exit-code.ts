import { VllmError } from "@vllm/schema";

/** What the command's exit codes mean; `--help` says it too. */
export const EXIT = {
  fine: 0,
  /** The server or the answer failed, or the answer is incomplete. */
  failed: 1,
  /** Wrong usage or a bad config. */
  usage: 2,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export function toExitCode(error: unknown): number {
  return VllmError.isInstance(error) && error.code === "CONFIG_INVALID" ? EXIT.usage : EXIT.failed;
}
