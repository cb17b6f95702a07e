import type { ControlledStream } from "@vllm-tooling/fake-vllm";
import { createControlledStream } from "@vllm-tooling/fake-vllm";

/** One event of a stream, in the fields vLLM sends. */
export function chunk(delta: object, finishReason: string | null = null): object {
  return {
    id: "chatcmpl-0123456789abcdef",
    object: "chat.completion.chunk",
    created: 1_795_000_000,
    model: "lab/tiny",
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason, token_ids: null }],
  };
}

const USAGE = {
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: 100, total_tokens: 120, completion_tokens: 20, prompt_tokens_details: null },
};

export interface Call {
  name: string;
  /** The arguments' text, good JSON or not. */
  text: string;
}

/** An answer that a test made up, complete: for what no recording has. */
export function answer(options: { text?: string; calls?: readonly Call[]; finishReason?: string }): ControlledStream {
  const { text, calls = [], finishReason = calls.length > 0 ? "tool_calls" : "stop" } = options;
  const stream = createControlledStream();
  stream.writeEvent(chunk({ role: "assistant", content: "" }));
  if (text !== undefined) stream.writeEvent(chunk({ content: text }));
  for (const [index, { name, text: argumentsText }] of calls.entries()) {
    const id = `chatcmpl-tool-${String(index).padStart(16, "0")}`;
    stream.writeEvent(chunk({ tool_calls: [{ id, type: "function", index, function: { name } }] }));
    stream.writeEvent(chunk({ tool_calls: [{ index, function: { arguments: argumentsText } }] }));
  }
  stream.writeEvent(chunk({}, finishReason));
  stream.writeEvent(USAGE);
  stream.write("data: [DONE]\n\n");
  stream.end();
  return stream;
}

/** An answer that has begun and then waits for the test. */
export function begin(text: string): ControlledStream {
  const stream = createControlledStream();
  stream.writeEvent(chunk({ role: "assistant", content: "" }));
  stream.writeEvent(chunk({ content: text }));
  return stream;
}
