import type { HostWindow } from "@vllm/discovery";
import type { AgentId } from "../agents/agent-location.ts";
import { AGENT_LABELS } from "../agents/agent-location.ts";
import { windowForOpenClawBudget } from "../provider/host-model.ts";

/** Tokens; below it the agent refuses to run (agent/coderclaw/smallest-window, agent/openclaw/smallest-window). */
export const SMALLEST_WINDOW: Readonly<Record<AgentId, number>> = { coderclaw: 16_000, openclaw: 4000 };
/** Tokens that an agent sends before the user has said a word: its system prompt and its tools (agent/coderclaw/room-for-prompt). */
export const BARE_PROMPT: Readonly<Record<AgentId, number>> = { coderclaw: 12_000, openclaw: 10_000 };
/** Tokens that CoderClaw keeps free; with a smaller window it compacts almost at once (agent/coderclaw/smallest-window). */
export const COMFORTABLE_WINDOW = 40_000;
/** What we advise to serve when the window is too small: most models of today have it. */
export const COMFORTABLE_SERVED_WINDOW = 32_768;

/** By what discovery judges a window for users of an agent. Undefined: by CoderClaw's rules, its default. */
export const AGENT_WINDOW: Readonly<Record<AgentId, HostWindow | undefined>> = {
  coderclaw: undefined,
  openclaw: {
    host: AGENT_LABELS.openclaw,
    refusedBelow: windowForOpenClawBudget(SMALLEST_WINDOW.openclaw),
    ownPrompt: BARE_PROMPT.openclaw,
  },
};
