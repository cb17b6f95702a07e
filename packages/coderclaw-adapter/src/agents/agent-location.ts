/** The agents that keep a configuration which this package reads and writes. */
export type AgentId = "coderclaw" | "openclaw";

/** Where an agent keeps its files, and why there. */
export interface AgentLocation {
  agent: AgentId;
  /** The configuration the agent opens. */
  configPath: string;
  /** Whether it is there already. */
  exists: boolean;
  /** Why it is this file, in words fit to print. */
  reason: string;
  /** Other configurations of this agent that it does not open. */
  others: readonly string[];
  stateDir: string;
  /** The `.env` file the agent reads. */
  envFile: string;
  /** CoderClaw's store of API keys; undefined for OpenClaw, whose store is a database of its own. */
  authProfilesPath?: string | undefined;
  /** OAuth logins of older versions of CoderClaw; undefined for OpenClaw. */
  oauthPath?: string | undefined;
  /** Folder the agent loads plugins from. */
  pluginsDir: string;
  /** Set when the agent says its configuration may not be changed. */
  readOnly?: string | undefined;
}

export const AGENT_LABELS: Readonly<Record<AgentId, string>> = { coderclaw: "CoderClaw", openclaw: "OpenClaw" };
