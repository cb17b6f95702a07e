import type { Agent } from "./agent.ts";
import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { opencode } from "./opencode.ts";
import { qwen } from "./qwen.ts";

/** In the order in which they are offered. */
export const AGENTS: readonly Agent[] = [claude, codex, opencode, qwen];
