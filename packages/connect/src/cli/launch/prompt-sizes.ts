import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isRecord } from "@vllm/schema/internal";
import { systemHome } from "@vllm/coderclaw-adapter/internal";
import type { OwnPrompt } from "../../agents/agent.ts";
import type { InstalledAgent } from "../../agents/find-agent.ts";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * The agent's own prompt on this model: what an earlier run here measured, else the figure in the agent's file. Measured ones are kept in
 * `$XDG_CACHE_HOME/vllm-connect/prompts.json`, by agent and model; the file may be deleted at any time.
 */
export async function ownPromptOf({ agent }: InstalledAgent, model: string, terminal: Terminal): Promise<OwnPrompt> {
  const kept = (await readSizes(pathOf(terminal)))[keyOf(agent.id, model)];
  return isOwnPrompt(kept) ? kept : agent.ownPrompt;
}

/** Keeps what the first request of a conversation had, for the next start. A file that cannot be written is no loss. */
export async function keepPromptSize(
  { agent, version }: InstalledAgent,
  model: string,
  tokens: number,
  terminal: Terminal,
): Promise<void> {
  const path = pathOf(terminal);
  const sizes = await readSizes(path);
  const key = keyOf(agent.id, model);
  const size: OwnPrompt = { tokens, agentVersion: version ?? "", tokenizer: model };
  if (JSON.stringify(sizes[key]) === JSON.stringify(size)) return;
  const draft = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify({ ...sizes, [key]: size }, undefined, 2)}\n`, { mode: 0o600 });
    await rename(draft, path);
  } catch {
    // Measured again next time.
  }
}

function pathOf(terminal: Terminal): string {
  const cache = terminal.env["XDG_CACHE_HOME"];
  return join(
    cache?.startsWith("/") === true ? cache : join(systemHome(terminal), ".cache"),
    "vllm-connect/prompts.json",
  );
}

function keyOf(agentId: string, model: string): string {
  return `${agentId} ${model}`;
}

async function readSizes(path: string): Promise<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isOwnPrompt(value: unknown): value is OwnPrompt {
  return isRecord(value) && Number.isInteger(value["tokens"]) && typeof value["agentVersion"] === "string";
}
