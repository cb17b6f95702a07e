import type { ChatResult, ChatWarning, VllmClient } from "@vllm/client";
import type { VllmError } from "@vllm/schema/core";
import type { AgentContext, AgentModelRow, PluginLogger, StreamOptions } from "./stream-types.ts";
import type { LearnedProfiles } from "./learned-profiles.ts";
import type { TurnBuilder } from "./turn-builder.ts";

export interface StreamFunctionOptions {
  profiles: LearnedProfiles;
  logger: PluginLogger;
  /** Limit from the request to the first token, in ms. */
  firstTokenMs: number;
  /** Limit of silence within an answer, in ms. */
  idleMs: number;
  /** Run tool calls that the server left in the text. */
  recoverToolCalls: boolean;
  /** Another model is configured for when this one fails. An error is then the agent's to act on, else it is told to the user. */
  hasFallbacks: boolean;
  /** Keys that stand for "no key" and are not sent. */
  keylessMarkers: readonly string[];
  /** Gets the end of each turn, so that the next look at the server knows what it refused, and that tools work. */
  learn?: Learn | undefined;
}

export type Learn = (
  server: { baseUrl: string; apiKey?: string | undefined; model: string },
  outcome: VllmError | Pick<Answer, "toolCalls">,
) => void;

/** One turn of the agent: what the agent asks for, and what it is answered with. */
export interface Turn {
  model: AgentModelRow;
  context: AgentContext;
  options: StreamOptions;
  settings: StreamFunctionOptions;
  client: VllmClient;
  builder: TurnBuilder;
  warnOnce: WarnOnce;
}

/** Logs a warning, each kind once for a model. */
export type WarnOnce = (warning: ChatWarning, model: AgentModelRow) => void;

export type Answer = ChatResult<unknown>;
