import type { DiscoveredModel, ServerReport } from "@vllm/discovery";
import { suggestServeCommand } from "@vllm/discovery";
import { VllmError } from "@vllm/schema/core";
import type { Agent, OwnPrompt } from "../../agents/agent.ts";

/** Room for a question, a file and an answer. */
const LEAST_ROOM = 4096;

/** What a conversation needs beside that before it is compacted. */
const ROOM_TO_TALK = 8192;

/** The smallest window with which an agent can work. */
function minimumWindow(agent: Agent, prompt: OwnPrompt): number {
  return Math.max(prompt.tokens + LEAST_ROOM, agent.refusesBelow ?? 0);
}

/** Why the agent cannot work with this model, and the `vllm serve` that changes it; undefined when it can, or nobody knows. */
export function windowTooSmall(
  agent: Agent,
  prompt: OwnPrompt,
  { report, model, window }: { report: ServerReport; model: DiscoveredModel; window: number | undefined },
): VllmError | undefined {
  const least = minimumWindow(agent, prompt);
  if (window === undefined || window >= least) return undefined;
  const version = prompt.agentVersion === "" ? "" : ` ${prompt.agentVersion}`;
  const own = `${agent.label}${version} sends about ${toText(prompt.tokens)} tokens before your first word`;
  const floor =
    (agent.refusesBelow ?? 0) > prompt.tokens + LEAST_ROOM ? `, and refuses windows below ${toText(least)}` : "";
  return new VllmError({
    code: "CONTEXT_LENGTH_EXCEEDED",
    message: `${own}${floor}; the window of ${model.id} is ${toText(window)}.`,
    hint: describeRemedy(report, model, window, least),
    maxModelLen: window,
    promptTokens: prompt.tokens,
  });
}

function describeRemedy(report: ServerReport, model: DiscoveredModel, window: number, least: number): string {
  if (model.contextWindow !== undefined && window < model.contextWindow && model.contextWindow >= least)
    return `The agent's own configuration limits it to ${toText(window)}: raise that to ${toText(least)} or more.`;
  const served = servedWindow(least);
  const command = suggestServeCommand(report, { model: model.id })?.command ?? `vllm serve ${model.root ?? model.id}`;
  const old = / --max-model-len \d+/;
  const wider = old.test(command)
    ? command.replace(old, ` --max-model-len ${served}`)
    : `${command} --max-model-len ${served}`;
  return `Serve it with a larger window, as far as the model and the memory allow:\n${wider}`;
}

/** With room for a conversation, in the sizes that people serve. */
function servedWindow(least: number): number {
  return 2 ** Math.ceil(Math.log2(least + ROOM_TO_TALK));
}

function toText(tokens: number): string {
  return tokens.toLocaleString("en-US");
}
