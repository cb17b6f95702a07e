import { systemHome } from "@vllm/coderclaw-adapter/internal";
import type { Snippet } from "../../agents/agent.ts";
import type { CommandContext } from "../command-context.ts";
import { toAgentFacts } from "../launch/agent-facts.ts";
import { windowTooSmall } from "../launch/check-window.ts";
import { agentNamed } from "../launch/choose-agent.ts";
import { chooseModel } from "../launch/choose-model.ts";
import { chooseServer } from "../launch/choose-server.ts";
import { unsentLogin } from "../launch/unsent-login.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { hangText } from "../terminal/wrap-text.ts";

export interface PrintOptions {
  agent: string;
  baseUrl?: string | undefined;
  model?: string | undefined;
}

/** `print`: what to copy, and where to, so that an agent uses the server permanently. Writes nothing. */
export async function print(context: CommandContext, options: PrintOptions): Promise<ExitCode> {
  const { terminal, output } = context;
  const { colors } = output;
  const agent = agentNamed(options.agent);
  const server = await chooseServer(context, options.baseUrl);
  const model = await chooseModel(terminal, server.report, options.model);
  const budget = await agent.budget?.({ env: terminal.env, home: systemHome(terminal) });
  const { report } = server;
  const needsKey = report.capabilities.apiKey.status === "yes" || server.key !== undefined;
  const facts = toAgentFacts(model, { baseUrl: report.apiRoot, needsKey, budget });
  const snippet = agent.snippet(facts);
  const { text, run, notes = [] } = snippet;
  const place = snippet.goesTo === "shell" ? "type this, or put it into your shell's profile" : snippet.goesTo;
  output.say(`${colors.bold(agent.label)} → ${place}\n`);
  output.say(`${text}\n`);
  if (needsKey) output.say(`${hangText(KEY_NOTE, 0, output.wrapWidth)}\n`);
  for (const note of notes) output.say(`${colors.blue("•")} ${hangText(output.advice(note), 2, output.wrapWidth)}`);
  const tooSmall = windowTooSmall(agent, agent.ownPrompt, { report, model, window: facts.window });
  for (const problem of [unsentLogin(server), tooSmall].filter((one) => one !== undefined))
    output.say(
      `${colors.yellow("▲")} ${hangText(output.advice(`${problem.message}\n${problem.hint}`), 2, output.wrapWidth)}`,
    );
  output.say(`${colors.bold("Then:")} ${run}`);
  output.result({ command: "print", ok: true, agent: agent.id, model: model.id, ...facts, snippet: toPlain(snippet) });
  return EXIT.fine;
}

const KEY_NOTE = "The key is read from VLLM_API_KEY, which must be set where the agent is started.";

function toPlain({ goesTo, text, run, notes = [] }: Snippet): object {
  return { goesTo, text, run, notes };
}
