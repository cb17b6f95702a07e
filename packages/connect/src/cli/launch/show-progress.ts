import type { CommandContext } from "../command-context.ts";
import { withSpinner } from "../terminal/spinner.ts";

const SAID_AFTER_MS = 2000;
const SAID_AGAIN_MS = 30_000;

/** {@link withSpinner}; where no terminal shows one, a line on standard error after 2 s and then twice a minute. */
export async function showProgress<Result>(
  { terminal, output }: CommandContext,
  label: string | (() => string),
  work: () => Promise<Result>,
): Promise<Result> {
  if (terminal.stderr.isTTY === true) return withSpinner(terminal, output.colors, label, work);
  const start = performance.now();
  const say = (): void => {
    const seconds = Math.round((performance.now() - start) / 1000);
    terminal.stderr.write(`${typeof label === "string" ? label : label()} … ${seconds} s\n`);
  };
  const first = setTimeout(say, SAID_AFTER_MS);
  const again = setInterval(say, SAID_AGAIN_MS);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(again);
  }
}
