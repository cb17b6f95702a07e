/** The commands that reach a server: they have `--ca-file`. */
export const ASKS_SERVER: ReadonlySet<string> = new Set([
  "setup",
  "sync",
  "doctor",
  "models",
  "bridge",
  "launch",
  "print",
  "top",
]);
