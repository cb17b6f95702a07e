import { VERSION } from "@vllm/schema/internal";
import { Command, Option } from "commander";
import { AGENTS } from "../../agents/agents.ts";
import { bridge } from "../commands/bridge.ts";
import { doctor } from "../commands/doctor.ts";
import { launch } from "../commands/launch.ts";
import { initPlugin } from "../commands/init-plugin.ts";
import { models } from "../commands/models.ts";
import { setup } from "../commands/setup.ts";
import { sync } from "../commands/sync.ts";
import { undo } from "../commands/undo.ts";
import { where } from "../commands/where.ts";
import type { CommandContext } from "../command-context.ts";
import { addHelp } from "./help.ts";
import { INSTALLED } from "../terminal/own-command.ts";
import { print } from "../commands/print.ts";
import { top } from "../commands/top.ts";
import { parsePort } from "../bridge/port.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { usageError } from "../terminal/usage-error.ts";
import { ASKS_SERVER } from "./asks-server.ts";

type Flags = Readonly<Record<string, unknown>>;

/** A command as it was typed. */
export interface StartedCommand {
  name: string;
  flags: Flags;
  /** The exit code: one of ours, or that of a program that was started. */
  run: (context: CommandContext) => Promise<number>;
}

interface Texts {
  /** Heading in the list of commands. */
  group: string;
  /** In the list of commands; one line in a terminal of 60 columns. */
  summary: string;
  /** In the command's own help; the summary if left out. */
  description?: string;
}

/** The commands that are not about one agent's configuration. */
const WITHOUT_CONFIG: ReadonlySet<string> = new Set(["launch", "print", "top", "bridge"]);
/** The commands whose standard output is another program's. */
const WITHOUT_JSON: ReadonlySet<string> = new Set(["launch"]);

const RUN = "Run an agent:";
const SET_UP = "Set up an agent:";
const EXAMINE = "Find out what is wrong:";
const BETWEEN = "Between agent and server:";

const AGENT_IDS = AGENTS.map(({ id }) => id);

/** Every command with its options; `start` gets the one that was typed. Throws `CommanderError` or `VllmError` for anything else. */
export function createProgram(
  terminal: Terminal,
  typed: readonly string[],
  start: (command: StartedCommand) => Promise<void>,
): Command {
  const program = new Command(terminal.ownCommand ?? INSTALLED)
    .description("Connects your coding agent to your vLLM server.")
    .version(VERSION, "-V, --version", "the version of this program")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
      // Who catches the error says it, in the form of every other error.
      outputError: () => undefined,
    });
  addHelp(program, terminal);

  const add = (
    name: string,
    { group, summary, description = summary }: Texts,
    run: (context: CommandContext, flags: Flags, parameters: readonly string[]) => Promise<number>,
  ): Command =>
    program
      .command(name)
      .helpGroup(group)
      .summary(summary)
      .description(description)
      .action(async (...parameters: unknown[]) => {
        const command = parameters.at(-1) as Command;
        const flags = command.opts<Flags>();
        await start({ name: command.name(), flags, run: (context) => run(context, flags, command.args) });
      });

  const launchTexts = {
    group: RUN,
    summary: "start an agent on your server, change no file",
    description: `Starts a coding agent on your vLLM server: finds the server, picks the model, puts a bridge in between. No file of the agent's is changed. Agents: ${AGENT_IDS.join(", ")}.`,
  };
  add("launch [agent] [words...]", launchTexts, (context, flags, parameters) =>
    launch(context, {
      ...readAgent(parameters, typed),
      baseUrl: textOf(flags["baseUrl"]),
      model: textOf(flags["model"]),
      direct: flags["direct"] === true,
      anyway: flags["anyway"] === true,
    }),
  )
    .usage("[agent] [options] [-- words for the agent]")
    .option("--base-url <url>", "address of the server; if left out: VLLM_BASE_URL, or what is found")
    .option("--model <id>", "the served model; if left out: the only one, or one to pick")
    .option("--direct", "without the bridge: the agent asks vLLM itself")
    .option("--anyway", "start although the model's window is smaller than the agent's own prompt");

  const printTexts = {
    group: RUN,
    summary: "what to copy to set an agent up yourself",
    description: `The exact configuration of an agent for your server, and where it goes. Agents: ${AGENT_IDS.join(", ")}.`,
  };
  add("print <agent>", printTexts, (context, flags, [agent = ""]) =>
    print(context, { agent, baseUrl: textOf(flags["baseUrl"]), model: textOf(flags["model"]) }),
  )
    .option("--base-url <url>", "address of the server, or of a bridge; if left out: VLLM_BASE_URL, or what is found")
    .option("--model <id>", "the served model; if left out: the only one, or one to pick");

  add("setup", { group: SET_UP, summary: "find the server, pick a model, configure" }, (context, flags) =>
    setup(context, {
      baseUrl: textOf(flags["baseUrl"]),
      model: textOf(flags["model"]),
      provider: textOf(flags["provider"]),
      bridgePort: flags["bridge"] === undefined ? undefined : parsePort(textOf(flags["bridge"]), "--bridge", 1),
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

  add("sync", { group: SET_UP, summary: "update the models to what is served now" }, (context, flags) =>
    sync(context, {
      provider: textOf(flags["provider"]),
      yes: flags["yes"] === true,
      dryRun: flags["dryRun"] === true,
    }),
  )
    .option("--provider <id>", "only this provider")
    .option("-y, --yes", "ask nothing")
    .option("--dry-run", "show what would change, write nothing");

  add("undo", { group: SET_UP, summary: "take back the last change" }, (context, flags) =>
    undo(context, { yes: flags["yes"] === true, dryRun: flags["dryRun"] === true }),
  )
    .option("-y, --yes", "ask nothing")
    .option("--dry-run", "show what would change, write nothing");

  add("init-plugin", { group: SET_UP, summary: "install the plugin into the agent" }, (context, flags) =>
    initPlugin(context, {
      takeOver: flags["takeOver"] === true,
      yes: flags["yes"] === true,
      dryRun: flags["dryRun"] === true,
    }),
  )
    .option("--take-over", "OpenClaw: replace its own vllm plugin (provider vllm instead of vllm-plus)")
    .option("-y, --yes", "ask nothing")
    .option("--dry-run", "show what would change, write nothing");

  add("doctor", { group: EXAMINE, summary: "everything that is wrong, and its fix" }, (context, flags) =>
    doctor(context, {
      baseUrl: textOf(flags["baseUrl"]),
      provider: textOf(flags["provider"]),
      active: flags["active"] === true || flags["matrix"] !== undefined,
      matrixFile: flags["matrix"] === true ? "vllm-matrix.md" : textOf(flags["matrix"]),
    }),
  )
    .option("--active", "also ask the models themselves: tools, reasoning, structured output (costs some tokens)")
    .option("--matrix [file]", "with --active: a table of what server and model really do; saved as vllm-matrix.md")
    .option("--base-url <url>", "probe this server instead of the configured one")
    .option("--provider <id>", "only this provider");

  add("models [id]", { group: EXAMINE, summary: "what is served, and why each value is set" }, (context, flags, [id]) =>
    models(context, { baseUrl: textOf(flags["baseUrl"]), provider: textOf(flags["provider"]) }, id),
  )
    .option("--base-url <url>", "probe this server instead of the configured one")
    .option("--provider <id>", "only this provider");

  const topTexts = {
    group: EXAMINE,
    summary: "watch the load of a server",
    description: "Requests, tokens per second, KV cache and first tokens of a server, by its /metrics, once a second.",
  };
  add("top [url]", topTexts, (context, flags, [url]) => top(context, { url, once: flags["once"] === true })).option(
    "--once",
    "show one second, and end",
  );

  add("where", { group: EXAMINE, summary: "which configuration is used, and why" }, (context) => where(context));

  const bridgeTexts = {
    group: BETWEEN,
    summary: "run a server that repairs conversations",
    description: "A local server between an agent and vLLM: whole tool calls, fitted requests, errors that help.",
  };
  add("bridge", bridgeTexts, (context, flags) =>
    bridge(context, {
      upstream: textOf(flags["upstream"]),
      port: textOf(flags["port"]),
      listen: textOf(flags["listen"]),
      settings: textOf(flags["settings"]),
      recover: flags["recover"] !== false,
      open: flags["open"] === true,
      dropsReasoningTokens: flags["dropReasoningTokens"] === true,
      dryRun: flags["dryRun"] === true,
    }),
  )
    .option("--upstream <url>", "address of vLLM; VLLM_BASE_URL or http://127.0.0.1:8000/v1 if left out")
    .option("--port <number>", "where agents find the bridge; 8010 if left out")
    .option("--listen <address>", "127.0.0.1 if left out; another one needs a key in VLLM_BRIDGE_KEY")
    .option("--open", "ask for no key: serve every user of this machine with the key in VLLM_API_KEY")
    .option("--settings <file>", "JSON5 with settings for each model, limits and allowed origins")
    .option("--drop-reasoning-tokens", "for CoderClaw, which counts them twice: leave them out of the usage")
    .option("--no-recover", "leave reasoning and tool calls in the text where the server left them")
    .option("--dry-run", "change nothing, log what would be changed");

  // Behind the options that are a command's own.
  for (const command of program.commands) {
    if (!WITHOUT_CONFIG.has(command.name()))
      command
        .addOption(
          new Option("--agent <agent>", "which agent; detected if left out").choices(["coderclaw", "openclaw"]),
        )
        .option("--config <path>", "the agent's configuration; found if left out (see: where)");
    if (ASKS_SERVER.has(command.name()))
      command.option("--ca-file <pem>", "trust the certificates in this file, besides the system's");
    if (!WITHOUT_JSON.has(command.name()))
      command.option("--json", "one JSON document on standard output, nothing else");
    command.option("--no-color", "no colours (also: NO_COLOR)");
    for (const option of command.options)
      if (option.parseArg === undefined && (option.required || option.optional))
        option.argParser((value: string) => refuseBlank(value, option.long ?? option.flags));
  }
  return program;
}

/** `launch claude -- -p hi`, and `launch -- -p hi`, where a person picks the agent: nothing but `--` tells them apart. */
function readAgent(
  parameters: readonly string[],
  typed: readonly string[],
): { agent: string | undefined; words: readonly string[] } {
  const end = typed.indexOf("--");
  const behind = end === -1 ? 0 : typed.length - end - 1;
  const [agent, ...words] = parameters;
  return behind === parameters.length ? { agent: undefined, words: parameters } : { agent, words };
}

/** The text of an option, if it was given one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** `--base-url "$UNSET"` does not ask for the default. */
function refuseBlank(value: string, option: string): string {
  if (value.trim() !== "") return value;
  throw usageError(`${option} must not be empty.`, `Pass a value, or leave ${option} out.`);
}
