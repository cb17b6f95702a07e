/**
 * What OpenClaw 2026.9 hands to a stream function and reads from it, declared here so that the plugin imports no agent (`plugin-sdk`, `packages/ai`).
 * Only what is used; everything may hold more.
 */
import type { JsonObject } from "../config-file/json-value.ts";

export interface TextBlock {
  type: "text";
  text: string;
}

interface ThinkingBlock {
  type: "thinking";
  thinking: string;
  /** The field the thought came in; the agent replays it under this name. */
  thinkingSignature?: string | undefined;
}

export interface MediaBlock {
  type: "image" | "video" | "audio";
  /** Base64. */
  data: string;
  mimeType: string;
}

export interface ToolCallBlock {
  type: "toolCall";
  id: string;
  name: string;
  arguments: Record<string, unknown>;
}

export type AssistantBlock = TextBlock | ThinkingBlock | ToolCallBlock;

export interface UserTurn {
  role: "user";
  content: string | readonly (TextBlock | MediaBlock)[];
}

export interface AssistantTurn {
  role: "assistant";
  content: readonly AssistantBlock[];
  stopReason?: string | undefined;
}

export interface ToolResultTurn {
  role: "toolResult";
  toolCallId: string;
  toolName?: string | undefined;
  content: readonly (TextBlock | MediaBlock)[];
  isError?: boolean | undefined;
}

export interface AgentTool {
  name: string;
  description?: string | undefined;
  parameters?: unknown;
}

export interface AgentContext {
  systemPrompt?: string | undefined;
  messages: readonly (UserTurn | AssistantTurn | ToolResultTurn)[];
  tools?: readonly AgentTool[] | undefined;
}

interface ModelCost {
  input?: number | undefined;
  output?: number | undefined;
  cacheRead?: number | undefined;
  cacheWrite?: number | undefined;
}

/** A resolved model, as the agent hands it to a stream function. */
export interface AgentModelRow {
  id: string;
  name?: string | undefined;
  provider: string;
  api: string;
  baseUrl: string;
  reasoning?: boolean | undefined;
  input?: readonly string[] | undefined;
  cost?: ModelCost | undefined;
  /** Tokens. */
  contextWindow?: number | undefined;
  /** Tokens. */
  maxTokens?: number | undefined;
  params?: JsonObject | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  /** `timeoutSeconds` of the provider, in ms. */
  requestTimeoutMs?: number | undefined;
}

export interface StreamOptions {
  apiKey?: string | undefined;
  signal?: AbortSignal | undefined;
  maxTokens?: number | undefined;
  temperature?: number | undefined;
  stop?: readonly string[] | undefined;
  responseFormat?: Record<string, unknown> | undefined;
  /** Thinking level: `off`, `minimal`, `low`, … */
  reasoning?: string | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
  sessionId?: string | undefined;
  onPayload?: ((payload: unknown, model: AgentModelRow) => unknown) | undefined;
}

export interface TurnUsage {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
  /** Part of `output`; left out where the server does not say. */
  reasoningTokens?: number | undefined;
  totalTokens: number;
  cost: { input: number; output: number; cacheRead: number; cacheWrite: number; total: number };
}

export type TurnStopReason = "stop" | "length" | "toolUse" | "error" | "aborted";

/** The assistant's turn as it grows, and as it is kept in the transcript. */
export interface OutputTurn {
  role: "assistant";
  content: AssistantBlock[];
  api: string;
  provider: string;
  model: string;
  responseId?: string | undefined;
  usage: TurnUsage;
  stopReason: TurnStopReason;
  errorMessage?: string | undefined;
  errorCode?: string | undefined;
  /** ms since 1970. */
  timestamp: number;
}

export type TurnEvent =
  | { type: "start"; partial: OutputTurn }
  | { type: "text_start" | "thinking_start" | "toolcall_start"; contentIndex: number; partial: OutputTurn }
  | {
      type: "text_delta" | "thinking_delta" | "toolcall_delta";
      contentIndex: number;
      delta: string;
      partial: OutputTurn;
    }
  | { type: "text_end" | "thinking_end"; contentIndex: number; content: string; partial: OutputTurn }
  | { type: "toolcall_end"; contentIndex: number; toolCall: ToolCallBlock; partial: OutputTurn }
  | { type: "done"; reason: "stop" | "length" | "toolUse"; message: OutputTurn }
  | { type: "error"; reason: "error" | "aborted"; error: OutputTurn };

/** What the agent reads a turn from: events in order, then the whole turn. `result()` never rejects. */
export interface TurnStream extends AsyncIterable<TurnEvent> {
  result(): Promise<OutputTurn>;
}

export type StreamFunction = (model: AgentModelRow, context: AgentContext, options?: StreamOptions) => TurnStream;

export interface PluginLogger {
  info?(message: string): void;
  warn(message: string): void;
}
