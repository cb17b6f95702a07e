/**
 * Setup of the ordinary tests: a limit of five seconds that no test reaches for is reached all the same on a machine that is busy enough.
 * So real ones are longer here. A test of a limit stops the clock, which has a time of its own.
 */
const TIMES = 20;

const known = globalThis as { hasPatientLimits?: true };
// The workers keep what they have imported, and run this for each file.
if (known.hasPatientLimits === undefined) {
  known.hasPatientLimits = true;
  const timeout = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (ms) => timeout(ms * TIMES);
}
