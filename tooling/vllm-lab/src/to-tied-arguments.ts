import { join } from "node:path";

import { PYTHON_FOLDER } from "./lab-paths.ts";

/** Arguments for a Python interpreter with which it runs itself again, but so that it ends when this process ends, even by SIGKILL. */
export function toTiedArguments(python: string, pythonArguments: readonly string[]): string[] {
  return [join(PYTHON_FOLDER, "end_with_parent.py"), String(process.pid), python, ...pythonArguments];
}
