import type { HostId } from "../hosts/host-location.ts";

/** Tokens; below it the host refuses to run (CoderClaw: contract 4.6; OpenClaw: failure 35). */
export const SMALLEST_WINDOW: Readonly<Record<HostId, number>> = { coderclaw: 16_000, openclaw: 4000 };
/** Tokens that a host sends before the user has said a word: its system prompt and its tools (CoderClaw: contract 4.6). */
export const BARE_PROMPT: Readonly<Record<HostId, number>> = { coderclaw: 12_000, openclaw: 10_000 };
/** Tokens that CoderClaw keeps free; with a smaller window it compacts almost at once (contract 4.6). */
export const COMFORTABLE_WINDOW = 40_000;
/** What we advise to serve when the window is too small: most models of today have it. */
export const COMFORTABLE_SERVED_WINDOW = 32_768;
