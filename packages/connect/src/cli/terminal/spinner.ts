import type { Colors } from "./colors.ts";
import type { Terminal } from "./terminal.ts";

const SHOWN_AFTER_MS = 300;
const FRAME_MS = 80;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Runs `work`; a person who waits longer than 300 ms sees what for, and for how long already. Piped output sees nothing. */
export async function withSpinner<Result>(
  terminal: Terminal,
  colors: Colors,
  label: string | (() => string),
  work: () => Promise<Result>,
): Promise<Result> {
  if (terminal.stderr.isTTY !== true) return work();
  const start = performance.now();
  let frame = 0;
  let isShown = false;
  const draw = (): void => {
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    // A line that wraps cannot be drawn over.
    const text = (typeof label === "string" ? label : label()).slice(0, (terminal.stdout.columns || 80) - 12);
    terminal.stderr.write(
      `\r\u001b[K${colors.cyan(FRAMES[frame % FRAMES.length] as string)} ${text} ${colors.dim(`${seconds} s`)}`,
    );
    frame += 1;
    isShown = true;
  };
  let frames: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    terminal.stderr.write("\u001b[?25l");
    draw();
    frames = setInterval(draw, FRAME_MS);
  }, SHOWN_AFTER_MS);
  try {
    return await work();
  } finally {
    clearTimeout(first);
    clearInterval(frames);
    if (isShown) terminal.stderr.write("\r\u001b[K\u001b[?25h");
  }
}
