import { setImmediate as nextTurn } from "node:timers/promises";
import { ofSize } from "./growth.ts";
import { machineSlowness, threadMs } from "./machine-speed.ts";

/** What models and servers repeat, and what scanners look for. */
export const ATOMS: readonly string[] = [
  ..."9a{}[]()<>\"'`~ \n\t\r\\/|:;,.@#$%^&*=-_",
  "```",
  "~~~\n",
  "```\n",
  '{"',
  '\\"',
  "\r\n",
  "\ud800",
  "\udc00",
  "😀",
  "é",
  "\u200b",
  "\u0000",
  "\u001b[",
];

const MEGABYTE = 1_000_000;
/** Time per megabyte below which a longer text may take longer: caches and the garbage collector show more than the pass itself. */
const LEAST_MS = 25;
/** A shorter run says nothing. */
const LEAST_RUN_MS = 3;
const ATTEMPTS = 8;

export interface Pass<Input> {
  /** Puts the text where the pass reads it; what that takes does not count. */
  prepare: (text: string) => Input;
  /** What it throws is an answer too. */
  run: (input: Input) => unknown;
  /** Lengths of the texts that are tried. */
  sizes?: readonly number[] | undefined;
  /** Longest turn of the event loop for each megabyte, and for shorter texts; more on a machine slower than the reference. */
  mostBlockedMs?: number | undefined;
}

/**
 * What is wrong with a pass over long texts of these atoms: a longer one takes more than twice the time for each character, or it
 * blocks the event loop. Measured is the processor's time, so that other programs do not show; the best of some attempts counts.
 */
export async function complaintsAbout<Input>(pass: Pass<Input>, atoms: Iterable<string> = ATOMS): Promise<string[]> {
  const complaints: string[] = [];
  for (const atom of new Set(atoms)) complaints.push(...(await complaintsAboutAtom(pass, atom)));
  return complaints;
}

async function complaintsAboutAtom<Input>(pass: Pass<Input>, atom: string): Promise<string[]> {
  const { prepare, run, sizes = [MEGABYTE / 10, MEGABYTE], mostBlockedMs = 50 } = pass;
  const mostMs = mostBlockedMs * machineSlowness();
  let complaints: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    complaints = [];
    let before = Number.POSITIVE_INFINITY;
    for (const size of sizes) {
      const input = prepare(ofSize(atom, size));
      const megabytes = Math.max(size, lengthOf(input)) / MEGABYTE;
      const { totalMs, blockedMs } = await measure(() => run(input));
      const each = Math.max(LEAST_MS, totalMs / megabytes, LEAST_RUN_MS / megabytes);
      const what = `${JSON.stringify(atom)} × ${size / MEGABYTE} MB`;
      if (each > 2 * before) complaints.push(`${what}: ${each.toFixed(0)} ms for each MB, ${before.toFixed(0)} before`);
      if (blockedMs > mostMs * Math.max(1, megabytes))
        complaints.push(`${what}: blocks for ${blockedMs.toFixed(0)} ms`);
      before = Math.min(before, each);
    }
    if (complaints.length === 0) break;
  }
  return complaints;
}

/** What is escaped in JSON is longer than the text. */
function lengthOf(input: unknown): number {
  if (typeof input === "string") return input.length;
  if (input instanceof Uint8Array) return input.byteLength;
  return Array.isArray(input) ? input.reduce<number>((sum, part) => sum + lengthOf(part), 0) : 0;
}

async function measure(run: () => unknown): Promise<{ totalMs: number; blockedMs: number }> {
  await nextTurn();
  const start = threadMs();
  let turn = start;
  let blockedMs = 0;
  let isOver = false;
  const note = () => {
    const now = threadMs();
    blockedMs = Math.max(blockedMs, now - turn);
    turn = now;
  };
  const watch = async () => {
    while (!isOver) {
      await nextTurn();
      note();
    }
  };
  const watching = watch();
  try {
    await run();
  } catch {
    // An error is an answer too.
  }
  isOver = true;
  await watching;
  return { totalMs: threadMs() - start, blockedMs };
}
