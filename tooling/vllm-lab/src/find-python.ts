import { execFile } from "node:child_process";
import { promisify } from "node:util";

const CANDIDATES = ["python3.11", "python3", "python"];
/** Prints the version, or fails where the parts that a virtual environment needs are packaged apart (Debian's python3-venv). */
const PROBE = "import sys, ensurepip, venv; print('%d.%d' % sys.version_info[:2], sys.executable)";

export type FoundPython =
  | { path: string; problem?: undefined }
  | { path?: undefined; problem: "absent" | "without-venv" };

/** The first Python 3.11 on PATH that can make virtual environments. A name alone proves nothing (pyenv's stand-ins), so each is run. */
export async function findPython(run: (command: string) => Promise<string> = probe): Promise<FoundPython> {
  let problem: "absent" | "without-venv" = "absent";
  for (const command of CANDIDATES) {
    try {
      const [version, ...path] = (await run(command)).trim().split(" ");
      if (version === "3.11") return { path: path.join(" ") };
    } catch (error) {
      if (command === "python3.11" && String(error).includes("ensurepip")) problem = "without-venv";
    }
  }
  return { problem };
}

async function probe(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)(command, ["-c", PROBE], { timeout: 20_000 });
  return stdout;
}
