import type { FakeVllm } from "@vllm-tooling/fake-vllm";
import type { ModelProfile } from "@vllm/schema";
import { createStreamFunction } from "../src/openclaw/create-stream-function.ts";
import type {
  AgentContext,
  AgentModelRow,
  OutputTurn,
  StreamOptions,
  TurnEvent,
} from "../src/openclaw/stream-types.ts";
import { createLearnedProfiles } from "../src/openclaw/learned-profiles.ts";
import type { StreamFunctionOptions } from "../src/openclaw/turn.ts";

export { chunk } from "@vllm-tooling/fake-vllm";

export const TOOLS = ["get_weather", "exec", "read_file"].map((name) => ({
  name,
  description: `The tool ${name}`,
  parameters: { type: "object", properties: { city: { type: "string" }, command: { type: "string" } } },
}));

export const says = (text: string, more: Partial<AgentContext> = {}): AgentContext => ({
  systemPrompt: "You are an agent.",
  messages: [{ role: "user", content: text }],
  tools: TOOLS,
  ...more,
});

export interface Run {
  events: TurnEvent[];
  turn: OutputTurn;
  warnings: string[];
  /** Bodies of the chat requests, in order. */
  bodies: Record<string, never>[];
}

function rowOf(server: FakeVllm, more: Partial<AgentModelRow> = {}): AgentModelRow {
  return {
    id: server.model,
    provider: "vllm-plus",
    api: "openai-completions",
    baseUrl: server.baseUrl,
    input: ["text"],
    ...more,
  };
}

export async function run(
  server: FakeVllm,
  context: AgentContext,
  {
    model,
    options,
    settings,
    profile,
    onEvent,
  }: {
    model?: Partial<AgentModelRow>;
    options?: StreamOptions;
    settings?: Partial<StreamFunctionOptions>;
    profile?: Partial<ModelProfile>;
    onEvent?: (event: TurnEvent) => void;
  } = {},
): Promise<Run> {
  const warnings: string[] = [];
  const profiles = createLearnedProfiles();
  if (profile !== undefined) profiles.set(server.baseUrl, profileOf(server.model, profile));
  const stream = createStreamFunction({
    profiles,
    logger: { warn: (message) => void warnings.push(message) },
    firstTokenMs: 5000,
    idleMs: 5000,
    recoverToolCalls: true,
    hasFallbacks: false,
    keylessMarkers: ["vllm-keyless"],
    ...settings,
  })(rowOf(server, model), context, options);
  const events: TurnEvent[] = [];
  for await (const event of stream) {
    events.push(event);
    onEvent?.(event);
  }
  const bodies = server.requests
    .filter((request) => request.path === "/v1/chat/completions")
    .map((request) => request.body as Record<string, never>);
  return { events, turn: await stream.result(), warnings, bodies };
}

function profileOf(id: string, more: Partial<ModelProfile>): ModelProfile {
  const known = { source: "probed", evidence: "test" } as const;
  return {
    id,
    contextWindow: { value: 32_768, ...known },
    input: { value: ["text"], ...known },
    toolCalling: { value: "yes", ...known },
    reasoning: { value: "yes", ...known },
    ...more,
  };
}

interface SentMessage {
  role: string;
  content: string;
  tool_calls?: { id: string }[];
  tool_call_id?: string;
}

export function messagesOf(body: Record<string, unknown> | undefined): SentMessage[] {
  return (body?.["messages"] ?? []) as SentMessage[];
}

export const kinds = (events: readonly TurnEvent[]): string[] =>
  events.map((event) => event.type).filter((type, index, all) => type !== all[index - 1]);

export const callsOf = ({ turn }: Run): (string | Record<string, unknown>)[][] =>
  turn.content.flatMap((block) => (block.type === "toolCall" ? [[block.name, block.arguments]] : []));

/** What a turn ends with, where it ends with words. */
export function lastWordsOf({ turn }: Pick<Run, "turn">): string {
  const last = turn.content.at(-1);
  return last?.type === "text" ? last.text : "";
}
