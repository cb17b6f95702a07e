import { readAgentConfig, readSetupRecord, detectAgent } from "@vllm/coderclaw-adapter/internal";
import type { ReadAgentConfig, DetectedAgent, AgentChoice, SetupRecord } from "@vllm/coderclaw-adapter/internal";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaFile } from "./command-line/ca-file.ts";
import type { Output } from "./terminal/output.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { withSpinner } from "./terminal/spinner.ts";

/** Options that every command has. */
export interface CommonOptions extends AgentChoice {
  json: boolean;
  color: boolean;
  /** Of `--ca-file`. */
  caFile?: CaFile | undefined;
}

export interface CommandContext {
  terminal: Terminal;
  output: Output;
  options: CommonOptions;
}

/** An agent, and what its files said when the command started: each is read once. */
export interface OpenAgent extends DetectedAgent {
  config: ReadAgentConfig;
  /** What this program wrote for it before. */
  record: SetupRecord;
}

/** Finds the agent and reads its files. */
export async function openAgent({ terminal, options }: CommandContext): Promise<OpenAgent> {
  const detected = detectAgent(terminal, options);
  const { location } = detected;
  return {
    ...detected,
    config: await readAgentConfig(location, terminal.env),
    record: await readSetupRecord(location),
  };
}

/** Writes an agent's files. Another program may hold their lock, for half a minute at the most. */
export function writing({ terminal, output }: CommandContext, path: string, work: () => Promise<void>): Promise<void> {
  return withSpinner(terminal, output.colors, `Writing ${output.path(path)}`, work);
}

/** Stands for an agent when a command is about a server alone: an empty configuration, in which the variables count. */
export function openNoAgent(context: CommandContext): Promise<OpenAgent> {
  const configPath = join(tmpdir(), randomUUID(), "coderclaw.json");
  return openAgent({ ...context, options: { ...context.options, agent: "coderclaw", configPath } });
}
