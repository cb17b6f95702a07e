import { readFinish } from "./finish-reason.ts";
import type { WireChunk } from "./wire-chunk.ts";

/** The one thing that a chunk brings, when it brings nothing else. */
export type Payload =
  | { kind: "text"; choiceIndex: number; value: string }
  | { kind: "thinking"; choiceIndex: number; value: string }
  | { kind: "arguments"; choiceIndex: number; callIndex: number; value: string };

/** The name of the JSON key whose string is the payload. */
export const PAYLOAD_KEYS = {
  text: ["content"],
  thinking: ["reasoning", "reasoning_content"],
  arguments: ["arguments"],
} as const satisfies Record<Payload["kind"], readonly string[]>;

/** Reads a chunk that holds one non-empty string and else only what every chunk of its stream holds; undefined for all others. */
export function readSinglePayload(chunk: WireChunk): Payload | undefined {
  const { choices } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1 || isThere(chunk.usage) || isThere(chunk.prompt_token_ids)) {
    return undefined;
  }
  const choice = choices[0];
  if (!choice?.delta || readFinish(choice.finish_reason) || isThere(choice.logprobs) || isThere(choice.token_ids)) {
    return undefined;
  }
  const choiceIndex = choice.index ?? 0;
  const { content, reasoning, reasoning_content: oldReasoning, tool_calls: calls } = choice.delta;
  const given = [content, reasoning, oldReasoning, calls?.length === 0 ? undefined : calls].filter(
    (value) => isThere(value) && value !== "",
  );
  if (given.length !== 1) return undefined;
  if (typeof content === "string" && content !== "") return { kind: "text", choiceIndex, value: content };
  const thought = reasoning !== "" && isThere(reasoning) ? reasoning : oldReasoning;
  if (typeof thought === "string" && thought !== "") return { kind: "thinking", choiceIndex, value: thought };
  const call = Array.isArray(calls) && calls.length === 1 ? calls[0] : undefined;
  const value = call?.function?.arguments;
  if (typeof call?.index !== "number" || isThere(call.id) || isThere(call.function?.name)) return undefined;
  return typeof value === "string" && value !== ""
    ? { kind: "arguments", choiceIndex, callIndex: call.index, value }
    : undefined;
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}
