import type { RunEvent } from "../run/run-event.ts";

/** One event a line: for programs. */
export function createJsonRenderer(write: (text: string) => void): (event: RunEvent) => void {
  return (event) => write(`${JSON.stringify(event)}\n`);
}
