/** A shorter run says nothing: what the machine does besides takes as long. */
const LEAST_MS = 0.5;
const ROUNDS = 5;

/**
 * How many times longer a run takes for each character of a large text than of a small one: about 1 when it is linear, and as many
 * times as the large text is longer when it is quadratic. The processor's time counts, in the fastest of several rounds, so that a busy
 * machine does not matter.
 */
export function growthOf(run: (text: string) => unknown, atom: string, small = 2000, large = 64_000): number {
  const [before, after] = [small, large].map((size) => fastest(run, ofSize(atom, size)) / size) as [number, number];
  return after / Math.max(before, LEAST_MS / small);
}

/** The atom again and again, up to about that many characters. */
export function ofSize(atom: string, size: number): string {
  return atom.repeat(Math.max(1, Math.round(size / atom.length)));
}

function fastest(run: (text: string) => unknown, text: string): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const start = process.cpuUsage();
    run(text);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}
