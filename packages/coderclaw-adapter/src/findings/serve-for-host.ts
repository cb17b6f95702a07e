import type { ServeArgument, ServeSuggestion } from "@vllm/discovery";
import type { HostId } from "../hosts/host-location.ts";
import { HOST_LABELS } from "../hosts/host-location.ts";
import { BARE_PROMPT, COMFORTABLE_SERVED_WINDOW, SMALLEST_WINDOW } from "./host-windows.ts";

/** The `vllm serve` command with a window that the host runs with. */
export function serveForHost(suggestion: ServeSuggestion, host: HostId, window: number | undefined): ServeSuggestion {
  const needed = Math.max(SMALLEST_WINDOW[host], BARE_PROMPT[host]);
  if (window === undefined || window >= needed) return suggestion;
  const argument = `--max-model-len ${COMFORTABLE_SERVED_WINDOW}`;
  const why = `${HOST_LABELS[host]} needs ${needed}; as far as the model and the memory allow`;
  const wider: ServeArgument = { argument, change: "replace", basis: "evidence", why };
  const old = suggestion.arguments.find((one) => one.argument.startsWith("--max-model-len "));
  if (old === undefined) return suggestion;
  return {
    ...suggestion,
    command: suggestion.command.replace(old.argument, argument),
    arguments: suggestion.arguments.map((one) => (one === old ? wider : one)),
    changes: [`change it to ${argument} (${why})`, ...suggestion.changes],
  };
}
