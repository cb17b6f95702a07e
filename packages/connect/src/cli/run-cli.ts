import { VllmError } from "@vllm/schema/core";
import { VERSION } from "@vllm/schema/internal";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { explainFileError } from "@vllm/coderclaw-adapter/internal";
import type { HostId } from "@vllm/coderclaw-adapter/internal";
import { bridge } from "./commands/bridge.ts";
import { doctor } from "./commands/doctor.ts";
import { initPlugin } from "./commands/init-plugin.ts";
import { models } from "./commands/models.ts";
import { setup } from "./commands/setup.ts";
import { sync } from "./commands/sync.ts";
import { undo } from "./commands/undo.ts";
import { where } from "./commands/where.ts";
import type { CommandContext, CommonOptions } from "./command-context.ts";
import type { ExitCode } from "./exit-codes.ts";
import { EXIT } from "./exit-codes.ts";
import { createOutput } from "./output.ts";
import { parsePort } from "./port.ts";
import type { Terminal } from "./terminal.ts";
import { usageError } from "./usage-error.ts";

type Flags = Record<string, unknown>;
type Run = (context: CommandContext, flags: Flags, parameter: string | undefined) => Promise<ExitCode>;

/** Runs `vllm-connect` with these words. Never throws: everything that goes wrong is an exit code and a message. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.fine;
  const program = new Command("vllm-connect")
    .description("Makes CoderClaw and OpenClaw use your vLLM server.")
    .version(VERSION, "-V, --version", "the version of this program")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .showHelpAfterError("(vllm-connect --help shows the commands)")
    .addHelpText("after", HELP_AFTER);

  const add = (name: string, description: string, run: Run): Command =>
    program
      .command(name)
      .description(description)
      .action(async (...parameters: unknown[]) => {
        const command = parameters.at(-1) as Command;
        const [parameter] = command.args;
        exitCode = await runCommand(name, command.opts(), parameter, run, terminal);
      });

  add("setup", "find the server, pick the model, write the configuration", (context, flags) =>
    setup(context, {
      baseUrl: text(flags["baseUrl"]),
      model: text(flags["model"]),
      provider: text(flags["provider"]),
      bridgePort: flags["bridge"] === undefined ? undefined : parsePort(text(flags["bridge"]), "--bridge", 1),
      storeKey: flags["storeKey"] === true,
      yes: flags["yes"] === true,
      dryRun: flags["dryRun"] === true,
    }),
  )
    .option("--base-url <url>", "address of the server; if left out: the configured one, VLLM_BASE_URL, 127.0.0.1:8000")
    .option("--model <id>", "the served model to make the default")
    .option("--provider <id>", "vllm, or vllm-<name> for a further server; vllm-plus for our plugin in OpenClaw")
    .option(
      "--bridge [port]",
      "the agent asks a bridge on this machine (see: bridge), and that asks the server; port 8010",
    )
    .option(
      "--store-key",
      "store the key of VLLM_API_KEY where the agent keeps keys, for a gateway that runs as a service",
    )
    .option("-y, --yes", "ask nothing, take the defaults")
    .option("--dry-run", "show what would change, write nothing");

  add("doctor", "everything that is wrong, and how to fix it", (context, flags) =>
    doctor(context, {
      baseUrl: text(flags["baseUrl"]),
      provider: text(flags["provider"]),
      active: flags["active"] === true || flags["matrix"] !== undefined,
      matrixFile: flags["matrix"] === true ? "vllm-matrix.md" : text(flags["matrix"]),
    }),
  )
    .option("--active", "also ask the models themselves: tools, reasoning, structured output (costs some tokens)")
    .option("--matrix [file]", "with --active: a table of what server and model really do; saved as vllm-matrix.md")
    .option("--base-url <url>", "look at this server instead of the configured one")
    .option("--provider <id>", "only this provider");

  add("models [id]", "what the server serves, and why each value is what it is", (context, flags, id) =>
    models(context, { baseUrl: text(flags["baseUrl"]), provider: text(flags["provider"]) }, id),
  )
    .option("--base-url <url>", "look at this server instead of the configured one")
    .option("--provider <id>", "only this provider");

  add("sync", "bring the configured models up to what the server serves now", (context, flags) =>
    sync(context, { provider: text(flags["provider"]), yes: flags["yes"] === true, dryRun: flags["dryRun"] === true }),
  )
    .option("--provider <id>", "only this provider")
    .option("-y, --yes", "ask nothing")
    .option("--dry-run", "show what would change, write nothing");

  add("init-plugin", "install the plugin into the agent", (context, flags) =>
    initPlugin(context, {
      takeOver: flags["takeOver"] === true,
      yes: flags["yes"] === true,
      dryRun: flags["dryRun"] === true,
    }),
  )
    .option("--take-over", "OpenClaw: replace its own vllm plugin (provider vllm instead of vllm-plus)")
    .option("-y, --yes", "ask nothing")
    .option("--dry-run", "show what would change, write nothing");

  add(
    "bridge",
    "a local server between an agent and vLLM: whole tool calls, fitted requests, errors that help",
    (context, flags) =>
      bridge(context, {
        upstream: text(flags["upstream"]),
        port: text(flags["port"]),
        listen: text(flags["listen"]),
        settings: text(flags["settings"]),
        recover: flags["recover"] !== false,
        open: flags["open"] === true,
        dryRun: flags["dryRun"] === true,
      }),
  )
    .option("--upstream <url>", "address of vLLM; VLLM_BASE_URL or http://127.0.0.1:8000/v1 if left out")
    .option("--port <number>", "where agents find the bridge; 8010 if left out")
    .option("--listen <address>", "127.0.0.1 if left out; another one needs a key in VLLM_BRIDGE_KEY")
    .option("--open", "ask for no key: serve every user of this machine with the key in VLLM_API_KEY")
    .option("--settings <file>", "JSON5 with settings for each model, limits and allowed origins")
    .option("--no-recover", "leave thoughts and tool calls in the text where the server left them")
    .option("--dry-run", "change nothing, log what would be changed");

  add("where", "which configuration file is used, and why", (context) => where(context));

  add("undo", "bring back the configuration before the last change", (context, flags) =>
    undo(context, { yes: flags["yes"] === true, dryRun: flags["dryRun"] === true }),
  )
    .option("-y, --yes", "ask nothing")
    .option("--dry-run", "show what would change, write nothing");

  // Behind the options that are a command's own.
  for (const command of program.commands) {
    command
      .addOption(new Option("--host <host>", "which agent; detected if left out").choices(["coderclaw", "openclaw"]))
      .option("--config <path>", "the agent's configuration; found if left out (see: where)")
      .option("--json", "one JSON document on standard output, nothing else")
      .option("--no-color", "no colours (also: NO_COLOR)");
    for (const option of command.options)
      if (option.parseArg === undefined && (option.required || option.optional)) option.argParser(refuseBlank);
  }
  try {
    await program.parseAsync([...words], { from: "user" });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) {
      // vLLM's own name for what is --listen here.
      if (words[0] === "bridge" && error.message.includes("'--host <host>'"))
        terminal.stderr.write("--host names the agent. The address that the bridge listens on: --listen <address>\n");
      if (error.exitCode === 0) return EXIT.fine;
      if (words.includes("--json")) {
        const message = error.message.replace(/^error: /, "");
        createOutput(terminal, { json: true, color: false }).fail(
          usageError(message, "vllm-connect --help"),
          words[0] ?? "",
        );
      }
      return EXIT.usage;
    }
    throw error;
  }
}

async function runCommand(
  name: string,
  flags: Flags,
  parameter: string | undefined,
  run: Run,
  terminal: Terminal,
): Promise<ExitCode> {
  const options: CommonOptions = {
    host: text(flags["host"]) as HostId | undefined,
    configPath: text(flags["config"]),
    json: flags["json"] === true,
    color: flags["color"] !== false,
  };
  const output = createOutput(terminal, options);
  try {
    return await run({ terminal, output, options }, flags, parameter);
  } catch (cause) {
    const error = terminal.signal.aborted && isAborted(cause) ? stopped() : explainFileError(cause);
    output.fail(error, name.split(" ")[0] as string);
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

/** `--base-url "$UNSET"` is no wish for the default. */
function refuseBlank(value: string): string {
  if (value.trim() === "") throw new InvalidArgumentError("It is empty.");
  return value;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

const HELP_AFTER = `
Examples:
  $ vllm-connect setup
  $ vllm-connect setup --yes --base-url http://gpu1:8000/v1 --model Qwen/Qwen3-8B
  $ vllm-connect doctor

Exit codes: 0 fine, 1 problems found, 2 usage or bad configuration, 3 server unreachable, 130 stopped.`;
