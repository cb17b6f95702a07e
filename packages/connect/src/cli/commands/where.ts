import { detectAgent, AGENT_LABELS } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import type { ExitCode } from "../terminal/exit-codes.ts";
import { EXIT } from "../terminal/exit-codes.ts";
import { withNote } from "../terminal/with-note.ts";

/** `where`: which files of which agent, and why those. Reads no configuration. */
export async function where({ terminal, output, options }: CommandContext): Promise<ExitCode> {
  const { location, reason } = detectAgent(terminal, options);
  const { colors } = output;
  const label = AGENT_LABELS[location.agent];
  output.say(withNote(colors.bold(label), `— ${reason}`, output));
  output.say(withNote(`  configuration  ${location.configPath}`, `— ${location.reason}`, output, 17));
  if (!location.exists) output.say(`                 ${colors.yellow("does not exist yet")}`);
  output.say(`  keys           ${location.authProfilesPath ?? `${location.envFile} ${colors.dim("(VLLM_API_KEY)")}`}`);
  output.say(`  variables      ${location.envFile}`);
  output.say(`  plugins        ${location.pluginsDir}`);
  for (const other of location.others) output.say(`  ${colors.yellow("not used")}       ${other}`);
  if (location.readOnly !== undefined) output.say(`  ${colors.yellow("read-only")}      ${location.readOnly}`);
  output.result({ command: "where", ok: true, agentReason: reason, ...location });
  return EXIT.fine;
}
