import type { ChatWarning } from "@vllm/client";
import { discoverServer } from "@vllm/discovery";
import type { VllmErrorCode } from "@vllm/schema/core";
import { VllmError } from "@vllm/schema/core";
import { openClawSetupCommand } from "../agents/plugin-ids.ts";
import type { AgentContext } from "./stream-types.ts";

/** Why the agent should try something else (`FailoverReason` of OpenClaw). */
export type FailoverReason = "format" | "rate_limit" | "server_error" | "context_overflow" | "model_not_found";

/**
 * Only what the agent does something useful about. For `timeout` and `server_error` it repeats the request for a minute and a half against a
 * server that is gone, and for `auth` it refuses the right key for a minute afterwards (both measured), so that those stay unclassified.
 */
const REASONS: Readonly<Partial<Record<string, FailoverReason>>> = {
  CONTEXT_LENGTH_EXCEEDED: "context_overflow",
  RATE_LIMITED: "rate_limit",
  SERVER_STARTING: "server_error",
  MODEL_NOT_FOUND: "model_not_found",
  TOOL_PARSER_NOT_ENABLED: "format",
  CHAT_TEMPLATE_REJECTED: "format",
  INVALID_REQUEST: "format",
  INPUT_TYPE_NOT_SUPPORTED: "format",
};

/** Errors that the agent mends by itself: compaction, waiting. */
const MENDED_BY_AGENT: ReadonlySet<FailoverReason | undefined> = new Set([
  "context_overflow",
  "rate_limit",
  "server_error",
] as const);

/** The marker by which an error of ours is known again in a text that the agent passes on. */
const MARKER = /\[vllm:([A-Z_]+)\]/;

/** The client's advice for programmers, said again in settings that a user of the agent has. */
const AGENT_HINTS: Readonly<Partial<Record<VllmErrorCode | ChatWarning["code"], string>>> = {
  STREAM_ENDED_EARLY: "The server, or a proxy in front of it, went away: look at its log, then ask again.",
  REQUEST_TIMEOUT:
    "A queue, a paused or a sleeping server look like this: see vllm:num_requests_waiting in /metrics. For long prompts raise timeoutSeconds of the provider.",
  STREAM_IDLE_TIMEOUT:
    "Look at the server's log. If it is only slow, raise idleSeconds in the plugin's config, or start vLLM with --sse-keep-alive-interval.",
  CONTEXT_LENGTH_EXCEEDED:
    "Start vLLM with a larger --max-model-len (the agent alone sends 10,000 tokens and more), then run npx @vllm/connect sync --agent openclaw.",
  "thinking-used-up-budget": "Raise maxTokens of the model, or turn thinking down: /think off.",
  "max-tokens-lowered": "Run npx @vllm/connect sync --agent openclaw: maxTokens of the model is too high.",
  "history-rewritten": "Nothing has to be done.",
};

export function hintFor(
  { code, hint }: { code: VllmErrorCode | ChatWarning["code"]; hint: string },
  providerId: string,
): string {
  if (code === "AUTHENTICATION_FAILED")
    return `Put the key that the server was started with (vllm serve --api-key, or its VLLM_API_KEY) into VLLM_API_KEY of OpenClaw's .env file: ${openClawSetupCommand(providerId)} does it.`;
  return AGENT_HINTS[code] ?? hint;
}

/** What the agent shows and keeps: what happened, what to do, and the code. */
export function toErrorText(error: VllmError, providerId: string, note = ""): string {
  return `${[error.message, note, hintFor(error, providerId)].filter((part) => part !== "").join(" ")} [vllm:${error.code}]`;
}

/** An error as the last words of a turn. */
export function toNotice(errorText: string): string {
  return `⚠️ ${errorText}`;
}

/** Such words are the user's: they are not sent to the model with the conversation. */
export function isNotice(text: string): boolean {
  return /^⚠️ [^]*\[vllm:[A-Z_]+\]$/.test(text);
}

export function failoverReasonOf(errorMessage: string): FailoverReason | undefined {
  const code = MARKER.exec(errorMessage)?.[1];
  return code === undefined ? undefined : REASONS[code];
}

export function isContextOverflow(errorMessage: string): boolean {
  return failoverReasonOf(errorMessage) === "context_overflow";
}

/** Compaction cannot mend a conversation that has just begun: what is too long there is the agent's own prompt. */
export function isToldToUser(error: VllmError, { messages }: AgentContext): boolean {
  if (error.code === "CONTEXT_LENGTH_EXCEEDED") return messages.every(({ role }) => role === "user");
  return !MENDED_BY_AGENT.has(REASONS[error.code]);
}

const HEALTH_TIMEOUT_MS = 2000;

const ALIVE = {
  REQUEST_TIMEOUT: "the request waits in its queue, or the prompt takes long to read.",
  STREAM_IDLE_TIMEOUT: "it is busy with other requests, or its engine hangs.",
} as const;

/** After a silence: whether the server itself is alive, so that one knows where to look. Asked by the way that the chat took. */
export async function explainSilence(error: VllmError, baseUrl: string): Promise<string> {
  if (error.code !== "REQUEST_TIMEOUT" && error.code !== "STREAM_IDLE_TIMEOUT") return "";
  const { asked } = await discoverServer({ baseUrl, probe: "list", timeoutMs: HEALTH_TIMEOUT_MS });
  const status = asked.find(({ path }) => path.endsWith("/health"))?.result;
  if (typeof status !== "number") return "The server does not answer /health either: it hangs, or it is gone.";
  return status === 200
    ? `The server itself is alive (/health answers): ${ALIVE[error.code]}`
    : `The server says that it is not healthy (/health answers ${status}).`;
}
