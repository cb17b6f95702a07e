import type { Colors } from "../output/colors.ts";
import { createColors } from "../output/colors.ts";

export interface ColorQuestion {
  /** False with `--no-color`. */
  isWanted: boolean;
  isTerminal: boolean;
  env: Readonly<Record<string, string | undefined>>;
}

/** Colours for a terminal that shows them, and only there: a pipe gets plain text also in CI. */
export function chooseColors({ isWanted, isTerminal, env }: ColorQuestion): Colors {
  const isForbidden = !isWanted || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return createColors(!isForbidden && isTerminal);
}
