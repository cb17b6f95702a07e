import { LabError } from "./lab-error.ts";

const SHOWN_LINES = 15;
/** vLLM's front end reports the death of its engine with a line that says nothing about the cause. */
const EMPTY_REPORT = /Engine core initialization failed|WorkerProc initialization failed/;
const ERROR_LINE = /(?:^|\s)((?:vllm: error|[\w.]+(?:Error|Exception)): .+|Value error, [^[]+)/;

/** An error that begins with the line of the log that says why, and ends with the last lines. */
export function toStartFailure(how: string, lines: readonly string[]): LabError {
  const cause = lines.flatMap((line) => ERROR_LINE.exec(line)?.[1] ?? []).findLast((line) => !EMPTY_REPORT.test(line));
  const shown = lines.slice(-SHOWN_LINES).map((line) => `  ${line}`);
  return new LabError(
    [`vLLM did not start (${how})${cause === undefined ? "." : `: ${cause}`}`, "Its last lines:", ...shown].join("\n"),
    how.includes("SIGKILL")
      ? "Was it the system that killed it? A server needs 3 GB of memory."
      : "vLLM got the flags as they were given: compare them with `vllm serve --help`.",
  );
}
