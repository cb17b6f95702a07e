/** What `work` takes where the bounds of the slow tests were set: a core of a cloud machine of 2026. */
const REFERENCE_MS = 8;
const ATTEMPTS = 12;

const TEXT = JSON.stringify(
  Array.from({ length: 20_000 }, (_, index) => ({
    index,
    text: "some text \u00e9 \nsome text",
    list: [index, null, true],
  })),
);

let slowness: number | undefined;

/** How many times slower than the reference this machine is, at least 1: what a bound in ms is multiplied by. */
export function machineSlowness(): number {
  slowness ??= Math.max(1, Math.min(...Array.from({ length: ATTEMPTS }, workMs)) / REFERENCE_MS);
  return slowness;
}

function workMs(): number {
  const start = threadMs();
  JSON.stringify(JSON.parse(TEXT));
  return threadMs() - start;
}

/** The processor's time of this thread in ms: other programs do not show in it. */
export function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
