import { Command, CommanderError } from "commander";

/** What both commands take. */
export interface CommonOptions {
  baseUrl?: string | undefined;
  model?: string | undefined;
  config?: string | undefined;
  json?: boolean | undefined;
  /** False with `--no-color`. */
  color: boolean;
}

export type ParsedCommand =
  | { command: "demo"; options: CommonOptions }
  | { command: "agent"; options: CommonOptions; question: string | undefined }
  /** Help was asked for, or something is wrong: text for stdout or stderr, and the exit code. */
  | { command: "exit"; output: string; error: string; exitCode: 0 | 2 };

const ENVIRONMENT = `
Environment:
  VLLM_API_KEY   the server's key; set to any value, it also has a server looked for
  VLLM_BASE_URL  the server, when neither --base-url nor the config names one
  NO_COLOR       no colours

Exit codes: 0 fine, 1 the server or the answer failed, 2 wrong usage or config, 130 Ctrl-C.
`;

const AGENT_HELP = `
Without a question it is a conversation; with one (or with text piped in) it answers and ends:
  agent "What does this project do?"
  git diff | agent "Summarise this change"
${ENVIRONMENT}`;

/** The command line → what to do. Pure: prints nothing and never exits. */
export function parseCommand(argv: readonly string[]): ParsedCommand {
  let parsed: ParsedCommand | undefined;
  let output = "";
  let error = "";
  const program = new Command("example-agent")
    .description("Talks to a vLLM server: config, discovery, model, and a tool-using streamed agent.")
    .exitOverride()
    .configureOutput({ writeOut: (text) => (output += text), writeErr: (text) => (error += text) })
    .showHelpAfterError("(--help shows what there is)");
  withCommonOptions(program.command("demo"))
    .summary("shows the whole flow on one question")
    .description(
      "Shows the whole flow: provider, server, models, and a question that needs two tools.\nWithout a server it starts an embedded one that plays recorded bytes of a real vLLM.",
    )
    .addHelpText("after", ENVIRONMENT)
    .action((options: CommonOptions) => {
      parsed = { command: "demo", options };
    });
  withCommonOptions(program.command("agent [question...]"))
    .summary("answers questions about the current folder")
    .description(
      "Answers questions, with read-only tools for the files of the current folder, a calculator and a clock.",
    )
    .addHelpText("after", AGENT_HELP)
    .action((words: string[], options: CommonOptions) => {
      parsed = { command: "agent", options, question: words.join(" ").trim() || undefined };
    });
  try {
    program.parse(argv, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    const isHelp = thrown.exitCode === 0;
    return { command: "exit", output, error, exitCode: isHelp ? 0 : 2 };
  }
  return parsed ?? { command: "exit", output, error, exitCode: 2 };
}

function withCommonOptions(command: Command): Command {
  return command
    .option("--base-url <url>", "the server to use, e.g. http://127.0.0.1:8000/v1")
    .option("--model <id>", "the model to use, as the server names it")
    .option("--config <file>", "an agent's config (coderclaw.json, JSON5)")
    .option("--json", "print one event a line, as JSON")
    .option("--no-color", "no colours");
}
