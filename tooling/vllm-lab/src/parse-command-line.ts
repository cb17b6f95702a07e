import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

import { MODELS, type ModelName } from "./install-models.ts";
import { DEFAULT_MODEL, listScriptNames } from "./lab-defaults.ts";
import { DEFAULT_VLLM_VERSION, VLLM_VERSIONS, type VllmVersion } from "./vllm-versions.ts";

export interface LabCommandLine {
  model: ModelName;
  script?: string | undefined;
  withoutParsers: boolean;
  lora: boolean;
  port: number;
  apiKey?: string | undefined;
  env: Record<string, string>;
  vllmVersion: VllmVersion;
  setupOnly: boolean;
  json: boolean;
  /** Everything else, for `vllm serve`. */
  flags: string[];
}

export type ParsedCommandLine =
  | { status: "run"; commandLine: LabCommandLine }
  /** --help, or a mistake: what to print, and the exit code. */
  | { status: "exit"; exitCode: number; text: string };

const DEFAULT_PORT = 8000;

/** `lab`'s own options, and the rest as flags of `vllm serve`. Prints nothing. */
export function parseCommandLine(commandLineArguments: readonly string[]): ParsedCommandLine {
  let text = "";
  const command = createCommand().configureOutput({
    writeOut: (piece) => (text += piece),
    writeErr: (piece) => (text += piece),
  });
  try {
    command.parse(commandLineArguments, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { status: "exit", exitCode: error.exitCode === 0 ? 0 : 2, text };
  }
  const { help: _, ...options } = command.opts<Omit<LabCommandLine, "flags"> & { help?: boolean }>();
  const first = command.args[0];
  if (first !== undefined && !first.startsWith("-")) {
    return {
      status: "exit",
      exitCode: 2,
      text: `lab does not know what "${first}" is: it takes options only. The model is chosen with --model.\n`,
    };
  }
  return { status: "run", commandLine: { ...options, flags: command.args } };
}

function createCommand(): Command {
  return new Command("lab")
    .description(
      "Starts a real vLLM on this machine's CPU, with a tiny model that says scripted replies. Installs it first where it is missing.",
    )
    .usage("[options] [any option of `vllm serve`]")
    .allowUnknownOption()
    .allowExcessArguments()
    .exitOverride()
    .addOption(
      new Option(
        "--model <name>",
        Object.entries(MODELS)
          .map(([name, { about }]) => `${name}: ${about}`)
          .join("; "),
      )
        .choices(Object.keys(MODELS))
        .default(DEFAULT_MODEL),
    )
    .addOption(
      new Option(
        "--script <name>",
        "tool-call format, and -think for thinking (default: what the parser reads)",
      ).choices(listScriptNames()),
    )
    .option("--without-parsers", "no tool-call parser, no reasoning parser", false)
    .option("--lora", "also serve the adapter my-lora", false)
    .option("--port <number>", "on 127.0.0.1; 0 for a free one", parsePort, DEFAULT_PORT)
    .option("--api-key <key>", "the key that the server asks for")
    .option("--env <KEY=VALUE>", "an environment variable for vLLM; may be repeated", collectVariable, {})
    .addOption(new Option("--vllm-version <version>").choices(VLLM_VERSIONS).default(DEFAULT_VLLM_VERSION))
    .option("--setup-only", "install, but start nothing", false)
    .option("--json", "one JSON object a line instead of text", false);
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidArgumentError("A port is a number from 0 to 65535.");
  return port;
}

function collectVariable(value: string, collected: Record<string, string>): Record<string, string> {
  const [name, ...rest] = value.split("=");
  if (name === undefined || name === "" || rest.length === 0) throw new InvalidArgumentError("Write it as KEY=VALUE.");
  return { ...collected, [name]: rest.join("=") };
}
