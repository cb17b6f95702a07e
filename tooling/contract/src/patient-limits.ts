/**
 * Setup of the ordinary tests: a limit that no test reaches for is reached all the same on a machine that is busy enough, so real ones
 * are longer here: each `AbortSignal.timeout`, and timers of five seconds and more, which nothing but a limit has. A test of a limit stops
 * the clock, which has a time of its own.
 */
const TIMES = 20;
const LEAST_MS = 5000;

const known = globalThis as { hasPatientLimits?: true };
// The workers keep what they have imported, and run this for each file.
if (known.hasPatientLimits === undefined) {
  known.hasPatientLimits = true;
  const { setTimeout } = globalThis;
  const abortAfter = AbortSignal.timeout.bind(AbortSignal);
  const startTimer = (callback: (...given: unknown[]) => void, ms = 0, ...given: unknown[]) =>
    setTimeout(callback, ms >= LEAST_MS ? ms * TIMES : ms, ...given);
  // `util.promisify` has its own way with timers.
  globalThis.setTimeout = Object.assign(startTimer, setTimeout);
  AbortSignal.timeout = (ms) => abortAfter(ms * TIMES);
}
