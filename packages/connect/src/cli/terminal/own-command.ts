import type { AgentChoice } from "@vllm/coderclaw-adapter/internal";
import { ASKS_SERVER } from "../command-line/asks-server.ts";
import { quoteForShell } from "@vllm/coderclaw-adapter/internal";

/** How every text of ours writes a command: it works wherever npm is. {@link toOwnCommands} writes it as this program was started. */
const ANYWHERE = "npx @vllm/connect";

/** As an installed package puts it on the PATH. */
export const INSTALLED = "vllm-connect";

const WRITTEN =
  /npx @vllm\/connect (setup|doctor|models|sync|undo|where|init-plugin|bridge|launch|print|top|--help)\b/g;

/** The commands that have `--agent` and `--config`. */
const HAS_AGENT: ReadonlySet<string> = new Set(["setup", "doctor", "models", "sync", "undo", "where", "init-plugin"]);

/** What this program was started with, for those commands that take it, too. */
export interface RepeatedOptions extends AgentChoice {
  /** Of `--ca-file`, absolute: without it the command would not reach the server that this one has reached. */
  caPath?: string | undefined;
}

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

/** The commands in a text, as this program was started, for the agent, the configuration and the certificates that were named: so that they can be copied. */
export function toOwnCommands(text: string, ownCommand: string, options: RepeatedOptions): string {
  const { agent, configPath, caPath } = options;
  const config = configPath === undefined ? "" : ` --config ${quoteForShell(configPath)}`;
  const trust = caPath === undefined ? "" : ` --ca-file ${quoteForShell(caPath)}`;
  return text.replaceAll(WRITTEN, (written, name: string, position: number) => {
    const [rest = ""] = text.slice(position + written.length).split("\n", 1);
    if (rest.startsWith(" --help")) return `${ownCommand} ${name}`;
    const ofAgent = agent === undefined || rest.startsWith(" --agent ") ? "" : ` --agent ${agent}`;
    const ofServer = ASKS_SERVER.has(name) && !rest.includes(" --ca-file ") ? trust : "";
    return `${ownCommand} ${name}${HAS_AGENT.has(name) ? ofAgent + config : ""}${ofServer}`;
  });
}
