/** What the command's end means to a script. Documented in the README. */
export const EXIT = {
  fine: 0,
  /** Something is wrong that the output names. */
  problemsFound: 1,
  /** The command line or a configuration is wrong. */
  usage: 2,
  /** The server does not answer. */
  unreachable: 3,
  /** Stopped with Ctrl-C (128 + SIGINT). */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
