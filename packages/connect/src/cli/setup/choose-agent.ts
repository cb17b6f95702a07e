import { AGENT_LABELS, detectAgents } from "@vllm/coderclaw-adapter/internal";
import type { AgentId } from "@vllm/coderclaw-adapter/internal";
import type { CommandContext } from "../command-context.ts";
import { createOutput } from "../terminal/output.ts";
import { choose } from "../terminal/prompts.ts";
import { isInteractive } from "../terminal/terminal.ts";

/** The context of the one agent that is to be set up: where several are there, a person picks one. */
export async function chooseAgentToSetUp(context: CommandContext, { yes }: { yes: boolean }): Promise<CommandContext> {
  const { terminal, options } = context;
  const agents = detectAgents(terminal, options);
  if (agents.length < 2 || yes || options.json || !isInteractive(terminal)) return context;
  const chosen = await choose(terminal, {
    message: "Which agent?",
    options: agents.map(({ location, reason }) => ({
      value: location.agent,
      label: AGENT_LABELS[location.agent],
      hint: reason,
    })),
    initialValue: undefined,
  });
  const named = { ...options, agent: chosen as AgentId };
  // Commands that are shown name the agent, too.
  return { terminal, options: named, output: createOutput(terminal, named) };
}
