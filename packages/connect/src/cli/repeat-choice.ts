import type { HostChoice } from "@vllm/coderclaw-adapter/internal";
import { quoteForShell } from "@vllm/coderclaw-adapter/internal";

const OWN_COMMAND = /vllm-connect (?:setup|doctor|models|sync|undo|where|init-plugin)\b/g;

/** Commands of this program within a text, for the host and the configuration that were named in this run: so that they can be copied. */
export function repeatChoice(text: string, { host, configPath }: HostChoice): string {
  const config = configPath === undefined ? "" : ` --config ${quoteForShell(configPath)}`;
  return text.replaceAll(OWN_COMMAND, (command, position: number) => {
    const isNamed = host === undefined || text.startsWith(" --host ", position + command.length);
    return `${command}${isNamed ? "" : ` --host ${host}`}${config}`;
  });
}
