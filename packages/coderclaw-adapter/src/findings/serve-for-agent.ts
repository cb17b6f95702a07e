import type { ServeArgument, ServeSuggestion } from "@vllm/discovery";
import type { AgentId } from "../agents/agent-location.ts";
import { AGENT_LABELS } from "../agents/agent-location.ts";
import { BARE_PROMPT, COMFORTABLE_SERVED_WINDOW, SMALLEST_WINDOW } from "./agent-windows.ts";

/** The `vllm serve` command with a window that the agent runs with. */
export function serveForAgent(
  suggestion: ServeSuggestion,
  agent: AgentId,
  window: number | undefined,
): ServeSuggestion {
  const needed = Math.max(SMALLEST_WINDOW[agent], BARE_PROMPT[agent]);
  if (window === undefined || window >= needed) return suggestion;
  const argument = `--max-model-len ${COMFORTABLE_SERVED_WINDOW}`;
  const why = `${AGENT_LABELS[agent]} needs ${needed}; as far as the model and the memory allow`;
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
