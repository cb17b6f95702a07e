import { nearest, VllmError } from "@vllm/schema/core";
import { AGENTS } from "../../agents/agents.ts";
import type { InstalledAgent } from "../../agents/find-agent.ts";
import { findAgent, installCommand, listInstalledAgents } from "../../agents/find-agent.ts";
import type { Agent } from "../../agents/agent.ts";
import { choose } from "../terminal/prompts.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { isInteractive } from "../terminal/terminal.ts";
import { usageError } from "../terminal/usage-error.ts";

/**
 * The agent of this name.
 *
 * @throws {VllmError} `CONFIG_INVALID` when there is none
 */
export function agentNamed(name: string): Agent {
  const ids = AGENTS.map(({ id }) => id);
  const agent = AGENTS.find(({ id, program }) => id === name || program === name);
  if (agent !== undefined) return agent;
  const close = nearest(name, ids);
  const suggestion = close === undefined ? "" : `Did you mean ${close}? `;
  throw usageError(`Unknown agent "${name}".`, `${suggestion}Known agents: ${ids.join(", ")}.`);
}

/** The agent that was named, else the one that a person picks among those that are installed. */
export async function chooseAgent(terminal: Terminal, name: string | undefined): Promise<InstalledAgent> {
  if (name !== undefined) {
    const agent = agentNamed(name);
    const found = findAgent(agent, terminal.env);
    if (found === undefined) throw notInstalled(agent);
    return found;
  }
  const installed = listInstalledAgents(terminal.env);
  if (installed.length === 0) throw noneInstalled();
  if (!isInteractive(terminal)) throw noneNamed(installed);
  const id = await choose(terminal, {
    message: "Which agent?",
    options: installed.map(({ agent, version }) => ({
      value: agent.id,
      label: agent.label,
      ...(version === undefined ? {} : { hint: version }),
    })),
    initialValue: undefined,
  });
  return installed.find(({ agent }) => agent.id === id) as InstalledAgent;
}

function notInstalled(agent: Agent): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `${agent.label} is not installed: there is no "${agent.program}" on the PATH.`,
    hint: `Install it: ${installCommand(agent)}`,
  });
}

function noneInstalled(): VllmError {
  const lines = AGENTS.map((agent) => `  ${agent.label}: ${installCommand(agent)}`);
  return new VllmError({
    code: "CONFIG_INVALID",
    message: "No agent is installed.",
    hint: `Install one, for example:\n${lines.join("\n")}`,
  });
}

function noneNamed(installed: readonly InstalledAgent[]): VllmError {
  const names = installed.map(({ agent }) => agent.id);
  return usageError(
    "No agent was named, and without a terminal nobody can pick one.",
    `Name one of those that are installed (${names.join(", ")}): npx @vllm/connect launch ${names[0] as string}`,
  );
}
