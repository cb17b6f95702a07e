import type { Ambiguity } from "./ambiguities.ts";
import { findAmbiguities } from "./ambiguities.ts";
import { toAutomaton } from "./automaton.ts";
import { threadMs } from "../machine-speed.ts";

/** What may make a pattern fail at the end of a text, where it then tries all the other ways. */
const ENDS = ["", "\n", "\0", "!", "x"];
/** What keeps a pattern from matching at the very beginning, and what parts words from each other. */
const BEFORE = ["", "x"];
const BETWEEN = ["", "-", " "];
const MOST_CHARACTERS = 256 * 1024;
/** A pattern without this fault reads as many characters in a tenth of it. */
const SLOW_MS = 50;

/** A text over which the pattern takes more than linear time, as measured; undefined when none was found. */
export function findSlowText(pattern: RegExp): Ambiguity | undefined {
  const places = pattern.sticky ? (["start"] as const) : (["start", "anywhere"] as const);
  const known = new Set<string>();
  for (const place of places) {
    for (const ambiguity of findAmbiguities(toAutomaton(pattern, place))) {
      for (const variant of variantsOf(ambiguity, place)) {
        const key = JSON.stringify(variant);
        if (known.has(key)) continue;
        known.add(key);
        if (ENDS.some((end) => isSlow(pattern, variant, end))) return variant;
      }
    }
  }
  return undefined;
}

/** The automaton knows neither that a pattern's beginning may match for good nor where words end. */
function variantsOf(ambiguity: Ambiguity, place: "start" | "anywhere"): Ambiguity[] {
  const { before, pump } = ambiguity;
  return (place === "start" ? [""] : BEFORE).flatMap((first) =>
    BETWEEN.map((between) => ({ ...ambiguity, before: first + before, pump: pump + between })),
  );
}

function isSlow(pattern: RegExp, { before, pump }: Ambiguity, end: string): boolean {
  let count = 8;
  while (count * pump.length < MOST_CHARACTERS) {
    const text = before + pump.repeat(count) + end;
    // Three times: the garbage collector may have been at work.
    if (takesLong(pattern, text) && takesLong(pattern, text) && takesLong(pattern, text)) return true;
    // In small steps first: the time of an exponential one doubles with every round or two.
    count = count < 40 ? count + 2 : count * 2;
  }
  return false;
}

function takesLong(pattern: RegExp, text: string): boolean {
  // The processor's time: a busy machine does not make a pattern slow.
  const start = threadMs();
  if (pattern.global) text.replace(pattern, "");
  else {
    pattern.lastIndex = 0;
    pattern.exec(text);
  }
  return threadMs() - start > SLOW_MS;
}
