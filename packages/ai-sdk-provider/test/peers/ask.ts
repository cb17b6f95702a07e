import { createOpenAICompatible, type OpenAICompatibleProvider } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4 } from "@ai-sdk/provider";
import { createVllm, type VllmProvider } from "@vllm/ai-sdk-provider";
import { isStepCount, jsonSchema, streamText, tool, type ToolSet } from "ai";

export type Peer = "openai-compatible" | "vllm";
export const PEERS: readonly Peer[] = ["openai-compatible", "vllm"];

export interface Target {
  baseUrl: string;
  apiKey?: string | undefined;
  model?: string | undefined;
}

export interface Seen {
  text: string;
  reasoning: string;
  calls: { name: string; input: unknown; invalid: boolean }[];
  /** Inputs with which the tools ran. */
  ran: unknown[];
  errors: string[];
  finish: string | undefined;
  usage: {
    input: number | undefined;
    output: number | undefined;
    cached: number | undefined;
    reasoning: number | undefined;
  };
  steps: number;
  isAborted: boolean;
  /** Bodies of the chat requests, in order. */
  sent: Record<string, unknown>[];
  seconds: number;
}

/** A provider as its package's own documentation makes it. */
export function createProvider(
  peer: Peer,
  { baseUrl, apiKey }: Target,
  sent: Seen["sent"] = [],
): VllmProvider | OpenAICompatibleProvider {
  const fetch: typeof globalThis.fetch = (input, init) => {
    if (typeof init?.body === "string") sent.push(JSON.parse(init.body) as Record<string, unknown>);
    return globalThis.fetch(input, init);
  };
  const key = apiKey === undefined ? {} : { apiKey };
  return peer === "vllm"
    ? createVllm({ baseURL: baseUrl, fetch, ...key })
    : createOpenAICompatible({ name: "vllm", baseURL: baseUrl, fetch, ...key });
}

export function createModel(peer: Peer, target: Target, sent?: Seen["sent"]): LanguageModelV4 {
  return createProvider(peer, target, sent)(target.model ?? "lab/tiny");
}

const ANYTHING = { type: "object", properties: {}, additionalProperties: true } as const;
const TOOLS = ["get_weather", "clock", "calculator", "now", "search", "write_file"];

/** What a program gets from `streamText` with a tool loop of up to five steps. */
export async function ask(
  peer: Peer,
  target: Target,
  prompt: string,
  { withTools = false, ...more }: { withTools?: boolean } & Record<string, unknown> = {},
): Promise<Seen> {
  const sent: Seen["sent"] = [];
  const seen: Seen = {
    text: "",
    reasoning: "",
    calls: [],
    ran: [],
    errors: [],
    finish: undefined,
    usage: { input: undefined, output: undefined, cached: undefined, reasoning: undefined },
    steps: 0,
    isAborted: false,
    sent,
    seconds: 0,
  };
  const anything = tool({
    inputSchema: jsonSchema<object>(ANYTHING),
    execute: (input) => {
      seen.ran.push(input);
      return "18 °C and sunny";
    },
  });
  const tools = Object.fromEntries(TOOLS.map((name) => [name, anything])) as ToolSet;
  const startedAt = performance.now();
  try {
    const options = { ...(withTools ? { tools, stopWhen: isStepCount(5) } : {}), onError: () => undefined, ...more };
    const { stream } = streamText({ model: createModel(peer, target, sent), prompt, ...options } as never);
    for await (const part of stream) {
      if (part.type === "text-delta") seen.text += part.text;
      else if (part.type === "reasoning-delta") seen.reasoning += part.text;
      else if (part.type === "tool-call")
        seen.calls.push({ name: part.toolName, input: part.input, invalid: part.invalid === true });
      else if (part.type === "error") seen.errors.push(messageOf(part.error));
      else if (part.type === "abort") seen.isAborted = true;
      else if (part.type === "finish-step") {
        const { inputTokens, outputTokens, inputTokenDetails, outputTokenDetails } = part.usage;
        seen.steps++;
        seen.finish = part.finishReason;
        seen.usage = {
          input: inputTokens,
          output: outputTokens,
          cached: inputTokenDetails.cacheReadTokens,
          reasoning: outputTokenDetails.reasoningTokens,
        };
      }
    }
  } catch (error) {
    seen.errors.push(messageOf(error));
  }
  seen.seconds = (performance.now() - startedAt) / 1000;
  return seen;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : typeof error === "string" ? error : JSON.stringify(error);
}
