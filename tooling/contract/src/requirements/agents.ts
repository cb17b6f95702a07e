import { agentCoderClaw } from "./agent-coderclaw.ts";
import { agentCoderClawConfig } from "./agent-coderclaw-config.ts";
import { agentCoderClawEngine } from "./agent-coderclaw-engine.ts";
import { agentOpenClaw } from "./agent-openclaw.ts";
import { agentOpenClawStream } from "./agent-openclaw-stream.ts";

/**
 * Rules of the coding agents, and what our packages make of them. The id names the agent; the source names its version and its file, what
 * was measured, or who reported it.
 */
export const agents = {
  ...agentCoderClawConfig,
  ...agentCoderClaw,
  ...agentCoderClawEngine,
  ...agentOpenClaw,
  ...agentOpenClawStream,
} as const;
