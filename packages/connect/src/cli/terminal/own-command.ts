import type { AgentChoice } from "@vllm/coderclaw-adapter/internal";
import { quoteForShell } from "@vllm/coderclaw-adapter/internal";

/** How every text of ours writes a command: it works wherever npm is. {@link toOwnCommands} writes it as this program was started. */
const ANYWHERE = "npx @vllm/connect";

/** As an installed package puts it on the PATH. */
export const INSTALLED = "vllm-connect";

/** The commands in the group have an agent. */
const WRITTEN =
  /npx @vllm\/connect (?:(setup|doctor|models|sync|undo|where|init-plugin)|bridge|launch|print|top|--help)\b/g;

/** A command of ours with its options, in whatever form it was started. */
export const OWN_COMMAND =
  /(?:npx @vllm\/connect|(?:(?:npx --yes )?pnpm(?:@\d+)? |npm run )?vllm-connect(?: --)?) [a-z-]+(?: --[a-z-]+(?: [^\s-]\S*)?)*/g;

/**
 * What a person types to start this program again, as it was started this time.
 *
 * npm and npx leave `npm_*` variables (npm 11), pnpm does for scripts alone (pnpm 12); a package that npx fetched runs from a folder `_npx`.
 */
export function toOwnCommand(env: Readonly<Record<string, string | undefined>>, program: string | undefined): string {
  if (env["npm_lifecycle_event"] === INSTALLED) return toScriptCommand(env);
  const isOfNpx = env["npm_command"] === "exec" || /[\\/]_npx[\\/]/.test(program ?? "");
  return isOfNpx ? ANYWHERE : INSTALLED;
}

/** This repository has a script of the command's name. */
function toScriptCommand(env: Readonly<Record<string, string | undefined>>): string {
  const version = /^pnpm\/(\d+)/.exec(env["npm_config_user_agent"] ?? "")?.[1];
  if (version === undefined) return `npm run ${INSTALLED} --`;
  const isOfNpx = /[\\/]_npx[\\/]/.test(env["npm_execpath"] ?? "");
  return isOfNpx ? `npx --yes pnpm@${version} ${INSTALLED}` : `pnpm ${INSTALLED}`;
}

/** The commands in a text, as this program was started, for the agent and the configuration that were named: so that they can be copied. */
export function toOwnCommands(text: string, ownCommand: string, { agent, configPath }: AgentChoice): string {
  const config = configPath === undefined ? "" : ` --config ${quoteForShell(configPath)}`;
  return text.replaceAll(WRITTEN, (written, ofAgent: string | undefined, position: number) => {
    const command = `${ownCommand}${written.slice(ANYWHERE.length)}`;
    if (ofAgent === undefined) return command;
    const isNamed = agent === undefined || text.startsWith(" --agent ", position + written.length);
    return `${command}${isNamed ? "" : ` --agent ${agent}`}${config}`;
  });
}
