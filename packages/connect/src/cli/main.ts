#!/usr/bin/env node
import { EXIT } from "./terminal/exit-codes.ts";
import { runCli } from "./run-cli.ts";
import { watchInterruption } from "./terminal/interruption.ts";
import { currentTerminal } from "./terminal/terminal.ts";

const interruption = watchInterruption();
// A reader that left (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.fine);
  process.stderr.write(`✖ The output cannot be written (${error.code ?? error.message}).\n`);
  process.exit(EXIT.problemsFound);
});

process.exitCode = await runCli(process.argv.slice(2), currentTerminal(interruption));
