import type { Agent } from "./agent.ts";
import { claude } from "./claude.ts";
import { cline } from "./cline.ts";
import { coderclaw } from "./coderclaw.ts";
import { codex } from "./codex.ts";
import { continueAgent } from "./continue.ts";
import { openclaw } from "./openclaw.ts";
import { opencode } from "./opencode.ts";
import { pi } from "./pi.ts";
import { qwen } from "./qwen.ts";

/** In the order in which they are offered. */
export const AGENTS: readonly Agent[] = [claude, codex, opencode, qwen, pi, cline, continueAgent, openclaw, coderclaw];
