import { QUERY_IGNORED } from "@vllm/schema/internal";
import { report, type Logger } from "@vllm/transport/internal";

let isReported = false;

/** Says that the query of an address is not sent: to the logger, else once for the program, as Node's warnings are. */
export function reportQuery(logger: Logger | undefined): void {
  const { message, fix } = QUERY_IGNORED;
  if (logger?.warn !== undefined) return report(logger, "warn", `${message} ${fix}`);
  if (isReported) return;
  isReported = true;
  globalThis.process?.emitWarning?.(`${message} ${fix}`, "VllmWarning");
}
