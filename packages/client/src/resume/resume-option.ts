/**
 * Answers that survive their server. A stream that breaks because its server dies, loses its engine or shuts down is gone on with: by the
 * router's next server, or by the same one once it is ready again. Of one answer at most twice.
 */
export type ResumeOption =
  | boolean
  | {
      /** How long to wait for a server, in ms. Default 60 000: a supervisor restarts a small model in that time, a large one takes minutes. */
      waitMs?: number | undefined;
    };

const WAIT_MS = 60_000;

/** Undefined where answers are not resumed. */
export function toResumeWait(option: ResumeOption | undefined): number | undefined {
  if (option === undefined || option === false) return undefined;
  return option === true ? WAIT_MS : (option.waitMs ?? WAIT_MS);
}
