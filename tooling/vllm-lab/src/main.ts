import { createReporter } from "./create-reporter.ts";
import { parseCommandLine } from "./parse-command-line.ts";
import { runLab } from "./run-lab.ts";

const parsed = parseCommandLine(process.argv.slice(2));
if (parsed.status === "exit") {
  (parsed.exitCode === 0 ? process.stdout : process.stderr).write(parsed.text);
  process.exitCode = parsed.exitCode;
} else {
  const reporter = createReporter({ json: parsed.commandLine.json, out: process.stdout, status: process.stderr });
  process.exitCode = await runLab(parsed.commandLine, reporter);
}
