import type { RunEvent } from "../run/run-event.ts";
import { formatDuration } from "./format-numbers.ts";

/** Silence before the line appears, and between two updates, in ms. */
const PATIENCE_MS = 1000;

/** After these the server (or a tool) is at work and the cursor stands at the start of a line. */
const WORK_BEGINS: ReadonlySet<RunEvent["type"]> = new Set([
  "provider",
  "question",
  "start",
  "tool_result",
  "notice",
  "history_trimmed",
]);

/**
 * On a terminal: `waiting … 3 s` while nothing comes, from the beginning on, gone as soon as something does.
 * A queued or sleeping vLLM says nothing at all.
 */
export function withWaitingLine(
  render: (event: RunEvent) => void,
  write: (text: string) => void,
  now: () => number = Date.now,
): (event: RunEvent) => void {
  let timer: NodeJS.Timeout | undefined;
  let since = now();
  let isShown = false;

  function show(): void {
    isShown = true;
    write(`\r\u001b[2mwaiting … ${formatDuration(Math.floor((now() - since) / 1000) * 1000)}\u001b[0m\u001b[K`);
  }
  function hide(): void {
    clearInterval(timer);
    if (isShown) write("\r\u001b[K");
    isShown = false;
  }
  function begin(): void {
    timer = setInterval(show, PATIENCE_MS);
    timer.unref();
  }

  begin();
  return (event) => {
    const hasBegun = isShown || timer !== undefined;
    hide();
    timer = undefined;
    render(event);
    if (!WORK_BEGINS.has(event.type)) return;
    // The head of an answer is no output: the clock goes on.
    if (event.type !== "start" || !hasBegun) since = now();
    begin();
  };
}
