import type { Reporter } from "./create-reporter.ts";
import { ensureLabInstalled } from "./ensure-lab-installed.ts";
import type { LabCommandLine } from "./parse-command-line.ts";
import { readReplies } from "./script/read-replies.ts";
import { startLab } from "./start-lab.ts";

/** Runs the command until it is interrupted or the server ends. Gives the exit code. */
export async function runLab(commandLine: LabCommandLine, reporter: Reporter): Promise<number> {
  const { setupOnly, json: _, ...options } = commandLine;
  const interrupt = new AbortController();
  const onSignal = () => {
    reporter.stopping();
    interrupt.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, onSignal);
  try {
    const shared = { signal: interrupt.signal, onProgress: reporter.progress };
    if (setupOnly) {
      const { environmentFolder } = await ensureLabInstalled({ vllmVersion: options.vllmVersion, ...shared });
      reporter.installed(environmentFolder);
      return 0;
    }
    const lab = await startLab({ ...options, ...shared });
    reporter.ready(lab, await readReplies());
    const how = await lab.ended;
    await lab.stop();
    if (interrupt.signal.aborted) return 0;
    reporter.ended(how, lab.logTail());
    return 1;
  } catch (error) {
    if (interrupt.signal.aborted) return 130;
    reporter.failed(error);
    return 1;
  }
}
