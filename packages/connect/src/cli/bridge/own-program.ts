import { realpathSync } from "node:fs";

/** This command by full paths, as it was started, for services that know no PATH. */
export function ownProgram(): string[] {
  const conditions = process.execArgv.filter((word) => word.startsWith("--conditions="));
  const [, main] = process.argv;
  return [process.execPath, ...conditions, ...(main === undefined ? [] : [realpathSync(main)])];
}
