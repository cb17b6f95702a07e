import type { ServerReport } from "@vllm/discovery";
import { ConfigError } from "@vllm/schema/core";
import { defaultProviderId, AGENT_LABELS, parseProviderId } from "@vllm/coderclaw-adapter/internal";
import type { KeyChoice } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext, OpenAgent } from "../command-context.ts";
import { openAgent } from "../command-context.ts";
import { findUpstream } from "../probe/probe-through-bridge.ts";
import type { ProbedServer } from "../probe/probe-through-bridge.ts";
import { exitCodeOf } from "../probe/server-exit-code.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { hangText } from "../terminal/wrap-text.ts";
import { withNote } from "../terminal/with-note.ts";
import { renderServerLine } from "../ui/render-models.ts";
import { findServer } from "./find-server.ts";
import { pickModel } from "./pick-model.ts";
import type { PlannedBridge } from "./plan-bridge.ts";
import { planBridge } from "./plan-bridge.ts";
import type { SetupOptions } from "./setup-options.ts";

/** What is to be set up: decided by the options, by a person, or by what there is. */
export interface Answers {
  agent: OpenAgent;
  providerId: string;
  /** The server as the agent will see it: at the bridge's address, if one is put in between. */
  report: ServerReport;
  key: KeyChoice;
  modelId: string;
  bridge: PlannedBridge | undefined;
}

/** A server that no agent can use as it is: nothing is planned for it. */
export interface Unready {
  agent: OpenAgent;
  providerId: string;
  unready: ProbedServer;
}

/** Finds the agent, the server, its key and the model; asks a person for what it cannot know, unless `--yes` says not to. */
export async function ask(context: CommandContext, options: SetupOptions): Promise<Answers | Unready> {
  const asks = mayAsk(context, options);
  const named = options.provider === undefined ? undefined : parseProviderId(options.provider);
  const agent = await openAgent(context);
  const providerId = named ?? defaultProviderId(agent.config);
  sayTarget(context, agent);
  if (!agent.isFound) sayNoneFound(context);

  const { bridgePort, baseUrl, model } = options;
  const bridgeUpstream = bridgePort === undefined ? undefined : await findUpstream(context, agent, providerId);
  const { probed, key } = await findServer(context, agent, { providerId, baseUrl, asks, bridgeUpstream });
  context.output.say(renderServerLine(probed.report, context.output.colors));
  if (exitCodeOf(probed.report) !== EXIT.fine || probed.report.models.length === 0)
    return { agent, providerId, unready: probed };

  const bridge =
    bridgePort === undefined
      ? undefined
      : planBridge(context, {
          agent: agent.location.agent,
          providerId,
          port: bridgePort,
          apiRoot: probed.report.apiRoot,
        });
  // To the agent the bridge is the server.
  const report = bridge === undefined ? probed.report : { ...probed.report, apiRoot: bridge.baseUrl };
  const modelId = await pickModel(context, agent.config, { report, providerId, wanted: model, asks });
  return { agent, providerId, report, key, modelId, bridge };
}

/**
 * Whether there is a person to ask.
 *
 * @throws {ConfigError} when there is none, and neither `--yes` nor `--dry-run` says what to do then
 */
function mayAsk({ output, terminal }: CommandContext, { yes, dryRun }: SetupOptions): boolean {
  const asks = !yes && !output.isJson && isInteractive(terminal);
  if (asks || yes || dryRun) return asks;
  const hint =
    "Add --yes to take the defaults (--base-url and --model choose others), or --dry-run to see what it would do.";
  throw new ConfigError({
    message: "setup asks questions, and nobody can answer them here.",
    hint,
    issues: [{ path: "", received: "no terminal", accepted: "a terminal, --yes or --dry-run", fix: hint }],
  });
}

function sayNoneFound({ output }: CommandContext): void {
  const { colors, wrapWidth } = output;
  output.say(`${colors.yellow("▲")} ${hangText(output.advice(NONE_FOUND), 2, wrapWidth)}\n`);
}

const NONE_FOUND = `Neither CoderClaw nor OpenClaw is installed here; this prepares CoderClaw's configuration. Other agents need none. To start Claude Code, Codex, opencode and others on your server:
npx @vllm/connect launch
To see what to copy instead, here for Codex:
npx @vllm/connect print codex`;

/** Which agent, and which of its files. */
function sayTarget({ output }: CommandContext, { location, reason }: OpenAgent): void {
  const file = `${output.path(location.configPath)} (${reason})`;
  output.say(`${withNote(output.colors.bold(`vLLM → ${AGENT_LABELS[location.agent]}`), file, output)}\n`);
}
