/** What every client asks for, and how a chunk in OpenAI's shape reaches the sink. */
import type { Sink } from "./sink.ts";

export type RunStream = (sink: Sink, shape: string) => Promise<void>;

export const MODEL = "bench";
export const MESSAGES = [{ role: "user" as const, content: "Write a module." }];
export const PARAMETERS = {
  type: "object",
  properties: { path: { type: "string" }, content: { type: "string" } },
  required: ["path", "content"],
} as const;
const TOOLS = [
  { type: "function" as const, function: { name: "write_file", description: "Write a file", parameters: PARAMETERS } },
];
export const withTools = (shape: string): { tools?: typeof TOOLS } => (shape.startsWith("s3") ? { tools: TOOLS } : {});

/** One OpenAI chunk → the sink. */
export function feedChunk(sink: Sink, chunk: OpenAiChunk): void {
  const choice = chunk.choices[0];
  if (choice !== undefined) {
    const { content, reasoning, tool_calls: toolCalls } = choice.delta;
    if (content) sink.text(content);
    if (reasoning) sink.thinking(reasoning);
    if (toolCalls)
      for (const call of toolCalls) if (call.function?.arguments) sink.toolArguments(call.function.arguments);
    if (choice.finish_reason) sink.finish(choice.finish_reason);
  }
  if (chunk.usage) sink.usage(chunk.usage);
}

/** The fields of a chunk that are looked at. */
interface OpenAiChunk {
  choices: {
    delta: { content?: string; reasoning?: string; tool_calls?: { function?: { arguments?: string } }[] };
    finish_reason?: string | null;
  }[];
  usage?: unknown;
}
