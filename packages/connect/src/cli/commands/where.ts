import { AGENT_LABELS, detectAgents } from "@vllm/coderclaw-adapter/internal";
import type { DetectedAgent } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import type { Output } from "../terminal/output.ts";
import { withNote } from "../terminal/with-note.ts";

/** `where`: which files of which agents, and why those. Reads no configuration. */
export async function where({ terminal, output, options }: CommandContext): Promise<ExitCode> {
  const agents = detectAgents(terminal, options);
  for (const [index, agent] of agents.entries()) {
    if (index > 0) output.say();
    sayAgent(agent, output);
  }
  const places = agents.map(({ location, reason }) => ({ agentReason: reason, ...location }));
  output.result({ command: "where", ok: true, ...(places.length === 1 ? places[0] : { agents: places }) });
  return EXIT.fine;
}

function sayAgent({ location, reason }: DetectedAgent, output: Output): void {
  const { colors } = output;
  output.say(withNote(colors.bold(AGENT_LABELS[location.agent]), `— ${reason}`, output));
  output.say(withNote(`  configuration  ${location.configPath}`, `— ${location.reason}`, output, 17));
  if (!location.exists) output.say(`                 ${colors.yellow("does not exist yet")}`);
  output.say(`  keys           ${location.authProfilesPath ?? `${location.envFile} ${colors.dim("(VLLM_API_KEY)")}`}`);
  output.say(`  variables      ${location.envFile}`);
  output.say(`  plugins        ${location.pluginsDir}`);
  for (const other of location.others) output.say(`  ${colors.yellow("not used")}       ${other}`);
  if (location.readOnly !== undefined) output.say(`  ${colors.yellow("read-only")}      ${location.readOnly}`);
}
