import type { ServerReport } from "@vllm/discovery";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";

/** What a server's state means for the command's end. */
export function exitCodeOf(report: ServerReport): ExitCode {
  if (report.state === "ready") return EXIT.fine;
  return report.state === "unreachable" || report.state === "starting" ? EXIT.unreachable : EXIT.problemsFound;
}
