import { resolve } from "node:path";
import { VllmError } from "@vllm/schema/core";
import { explainFileError } from "@vllm/coderclaw-adapter/internal";
import type { AgentId } from "@vllm/coderclaw-adapter/internal";
import type { Command } from "commander";
import { CommanderError } from "commander";
import { readCaFile } from "./command-line/ca-file.ts";
import type { CommonOptions } from "./command-context.ts";
import type { ExitCode } from "./terminal/exit-codes.ts";
import { EXIT } from "./terminal/exit-codes.ts";
import { explainHost, readOldHost } from "./command-line/explain-host.ts";
import type { StartedCommand } from "./command-line/program.ts";
import { createProgram, textOf } from "./command-line/program.ts";
import { createOutput } from "./terminal/output.ts";
import type { RepeatedOptions } from "./terminal/own-command.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { usageError } from "./terminal/usage-error.ts";

/** Runs `vllm-connect` with these words. Never throws: everything that goes wrong is an exit code and a message. */
export async function runCli(given: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = createProgram(terminal, given, async (started) => {
    exitCode = await runCommand(started, terminal);
  });
  const words = readOldHost(
    given,
    program.commands.find((one) => one.name() === given[0]),
  );
  try {
    await program.parseAsync([...words], { from: "user" });
    return exitCode;
  } catch (error) {
    const isOurs = VllmError.isInstance(error);
    if (!isOurs && !(error instanceof CommanderError)) throw error;
    if (!isOurs && error.exitCode === 0) return EXIT.fine;
    // Without a command the help has been shown already.
    if (isOurs || error.code !== "commander.help") {
      const command = program.commands.find((one) => one.name() === words[0]);
      const options = { json: words.includes("--json"), color: !words.includes("--no-color") };
      const output = createOutput(terminal, { ...options, ...repeatedOf(command?.opts() ?? {}) });
      output.fail(isOurs ? error : explain(error, words, command), words[0] ?? "");
    }
    return EXIT.usage;
  }
}

/** What the commands that are printed repeat. */
function repeatedOf(flags: StartedCommand["flags"]): RepeatedOptions {
  const caPath = textOf(flags["caFile"]);
  return {
    agent: textOf(flags["agent"]) as AgentId | undefined,
    configPath: textOf(flags["config"]),
    caPath: caPath === undefined ? undefined : resolve(caPath),
  };
}

function explain({ message }: CommanderError, words: readonly string[], command: Command | undefined): VllmError {
  const [said = "", suggestion = ""] = message.replace(/^error: /, "").split("\n");
  if (said.startsWith("unknown option '--host")) return usageError(...explainHost(words, command));
  const word = /unknown option '([^']+)'/.exec(said)?.[1];
  if (command?.name() === "launch" && word !== undefined)
    return usageError(
      `launch has no option ${word}.`,
      `Options of the agent follow after --: npx @vllm/connect launch ${words[1] ?? "claude"} -- ${word}`,
    );
  const help = command === undefined ? "--help shows the commands." : `${command.name()} --help shows its options.`;
  const meant = suggestion === "" ? "" : `${suggestion.slice(1, -1)} `;
  return usageError(asSentence(said), `${meant}npx @vllm/connect ${help}`);
}

/** Commander's messages begin with a small letter, and most have no full stop. */
function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

async function runCommand({ name, flags, run }: StartedCommand, terminal: Terminal): Promise<number> {
  const { agent, configPath, caPath } = repeatedOf(flags);
  const common: CommonOptions = { agent, configPath, json: flags["json"] === true, color: flags["color"] !== false };
  const output = createOutput(terminal, { ...common, caPath });
  try {
    const options = caPath === undefined ? common : { ...common, caFile: await readCaFile(caPath) };
    return await run({ terminal, output, options });
  } catch (cause) {
    const error = terminal.signal.aborted && isAborted(cause) ? stopped() : explainFileError(cause);
    output.fail(error, name);
    return exitCodeOfError(error);
  }
}

function isAborted(error: unknown): boolean {
  return VllmError.isInstance(error) ? error.code === "ABORTED" : error instanceof Error && error.name === "AbortError";
}

/** What was at work when Ctrl-C came says so to programmers. */
function stopped(): VllmError {
  return new VllmError({ code: "ABORTED", message: "Stopped.", hint: "Run the command again." });
}

function exitCodeOfError(error: unknown): ExitCode {
  if (!VllmError.isInstance(error)) return EXIT.problemsFound;
  switch (error.code) {
    case "CONFIG_INVALID":
    case "MODEL_NOT_FOUND":
      return EXIT.usage;
    case "ABORTED":
      return EXIT.interrupted;
    case "SERVER_UNREACHABLE":
    case "SERVER_STARTING":
    case "REQUEST_TIMEOUT":
      return EXIT.unreachable;
    default:
      return EXIT.problemsFound;
  }
}
