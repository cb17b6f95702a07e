import type { Command } from "commander";

/** `--host openclaw` as `--agent openclaw`, where the command takes an agent: the option's old name still works with an agent behind it. */
export function readOldHost(words: readonly string[], command: Command | undefined): readonly string[] {
  if (command?.options.some(({ long }) => long === "--agent") !== true) return words;
  const index = words.findIndex((word) => word === "--host" || word.startsWith("--host="));
  const [name, value = words[index + 1] ?? ""] = (words[index] ?? "").split("=");
  if (!AGENTS.has(value)) return words;
  return words.with(index, (words[index] ?? "").replace(name ?? "", "--agent"));
}

/**
 * Behind any other word `--host` is an address, as people who run vLLM type it. It is no option of ours: this says so, and which option
 * takes what was meant.
 */
export function explainHost(words: readonly string[], command: Command | undefined): [message: string, hint: string] {
  const index = words.findIndex((word) => word === "--host" || word.startsWith("--host="));
  const value = words[index]?.split("=")[1] ?? words[index + 1] ?? "";
  if (command === undefined)
    return ["--host is not an option.", `Type a command first. The address of the server: --base-url <url>. ${AGENT}`];
  const message = `--host is not an option of ${command.name()}.`;
  const takes = (option: string): boolean => command.options.some(({ long }) => long === option);
  const address = isAddress(value) ? value : undefined;
  if (takes("--listen"))
    return [
      message,
      `The address that the bridge listens on: --listen ${address ?? "<address>"}. The address of vLLM: --upstream <url>.`,
    ];
  if (!takes("--base-url"))
    return [
      message,
      `${AGENT} The address of the server is the configured one: npx @vllm/connect setup --base-url <url> changes it.`,
    ];
  const url = address === undefined ? "<url>" : `http://${address}:8000`;
  return [message, `The address of the server: --base-url ${url}. ${AGENT}`];
}

const AGENTS: ReadonlySet<string> = new Set(["coderclaw", "openclaw"]);
const AGENT = "The agent: --agent coderclaw or --agent openclaw.";

/** A name or an IPv4 address, and nothing else that might have been typed there. */
function isAddress(value: string): boolean {
  return /^[a-z\d][a-z\d.-]*$/i.test(value) && !AGENTS.has(value);
}
