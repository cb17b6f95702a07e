import type { Colors } from "./colors.ts";

const WIDTH = 10;

/** The start of a line that goes on under its label. */
export const CONTINUED = " ".repeat(WIDTH);

/** `Server    ` */
export function label(text: string, colors: Colors): string {
  return colors.cyan(text.padEnd(WIDTH));
}
