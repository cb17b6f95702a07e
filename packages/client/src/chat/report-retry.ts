import { displayUrl, type VllmError } from "@vllm/schema/core";
import { report, type Logger } from "@vllm/transport/internal";
import type { Remedy } from "./request-plan.ts";

/**
 * Reports that a request is sent again, with the reason in codes: the words of an error may be the server's.
 *
 * @param error undefined where the answer itself is asked for again
 */
export function reportRetry(
  logger: Logger | undefined,
  url: string,
  { remedy, error }: { remedy: Remedy; error: VllmError | undefined },
): void {
  if (logger === undefined) return;
  const { delayMs, warning } = remedy;
  const when = delayMs === undefined ? "" : ` in ${Math.round(delayMs)} ms`;
  const status = error?.status === undefined ? "" : ` (${error.status})`;
  const why =
    error === undefined ? warning?.code : `${error.code}${status}${warning === undefined ? "" : `, ${warning.code}`}`;
  report(logger, "warn", `POST ${displayUrl(url)} is sent again${when}: ${why ?? "the answer cannot be used"}`);
}
