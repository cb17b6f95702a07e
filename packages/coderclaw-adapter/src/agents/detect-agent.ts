import { basename } from "node:path";
import { ConfigError } from "@vllm/schema/core";
import { findOnPath } from "./find-on-path.ts";
import type { Surroundings } from "./agent-home.ts";
import { setting } from "./agent-home.ts";
import type { AgentId, AgentLocation } from "./agent-location.ts";
import { AGENT_LABELS } from "./agent-location.ts";
import { locateCoderClaw } from "./locate-coderclaw.ts";
import { locateOpenClaw } from "./locate-openclaw.ts";

/** What a person said about the agent that is meant. */
export interface AgentChoice {
  /** `--agent`. */
  agent?: AgentId | undefined;
  /** `--config`. */
  configPath?: string | undefined;
}

/** The agent that is meant, and the reason. */
export interface DetectedAgent {
  location: AgentLocation;
  /** Why it is this agent, in words fit to print. */
  reason: string;
  /** False when there is no agent: then it is where CoderClaw would have its files. */
  isFound: boolean;
}

const LOCATE = { coderclaw: locateCoderClaw, openclaw: locateOpenClaw } as const;
const AGENTS = ["coderclaw", "openclaw"] as const;

/**
 * Finds out which agent is meant: what was asked for, else the only one that has a configuration, else the only one that is installed.
 *
 * @throws {ConfigError} when both are there alike.
 */
export function detectAgent(surroundings: Surroundings, choice: AgentChoice = {}): DetectedAgent {
  const [first, second] = detectAgents(surroundings, choice);
  if (first !== undefined && second === undefined) return first;
  const isConfigured = first?.location.exists === true;
  throw new ConfigError({
    message: `${AGENT_LABELS.coderclaw} and ${AGENT_LABELS.openclaw} are both ${isConfigured ? "configured" : "installed"} here.`,
    hint: "Say which one is meant: --agent coderclaw or --agent openclaw.",
    issues: [{ path: "", received: "two agents", accepted: "one", fix: "Add --agent coderclaw or --agent openclaw." }],
  });
}

/** Every agent that may be meant: one, or both when both are there alike. Without any, CoderClaw, as not found. */
export function detectAgents(surroundings: Surroundings, choice: AgentChoice = {}): DetectedAgent[] {
  const { configPath } = choice;
  const located = (agent: AgentId, reason: string, isFound = true): DetectedAgent => ({
    location: LOCATE[agent](surroundings, configPath),
    reason,
    isFound,
  });
  if (choice.agent !== undefined) return [located(choice.agent, "from --agent")];
  const named = AGENTS.find((agent) => configPath !== undefined && basename(configPath).startsWith(agent));
  if (named !== undefined) return [located(named, "the file's name says so")];

  const { env } = surroundings;
  const byVariable = AGENTS.filter((agent) =>
    ["CONFIG_PATH", "STATE_DIR"].some((name) => setting(env[`${agent.toUpperCase()}_${name}`]) !== undefined),
  );
  const [variable] = byVariable;
  if (variable !== undefined && byVariable.length === 1)
    return [located(variable, `${variable.toUpperCase()}_… variables are set`)];
  const configured = AGENTS.filter((agent) => hasConfiguration(agent, surroundings));
  if (configured.length > 1) return configured.map((agent) => located(agent, "it has a configuration"));
  if (configured[0] !== undefined) return [located(configured[0], "it is the only one with a configuration")];
  const installed = AGENTS.filter((agent) => findOnPath(agent, env) !== undefined);
  if (installed.length > 1) return installed.map((agent) => located(agent, "it is installed"));
  if (installed[0] !== undefined) return [located(installed[0], "it is the only one installed")];
  return [located("coderclaw", "no CoderClaw or OpenClaw found", false)];
}

/** Several CoderClaw configurations are a configuration too; which of them is asked later. */
function hasConfiguration(agent: AgentId, surroundings: Surroundings): boolean {
  try {
    return LOCATE[agent](surroundings).exists;
  } catch {
    return true;
  }
}
