import type { VllmError } from "@vllm/schema/core";
import type { OverflowShape, OverflowShapes } from "../options/overflow-options.ts";

/** pi, opencode, Cline, Continue, OpenClaw and CoderClaw compact on these words. */
export const CHAT_SHAPES: OverflowShapes = { conversation: "maximum-context-length", ownPrompt: "plain" };
/** Of a prompt of its own that is too large Claude Code says so itself, after one request; any other 400 it sends six times. */
export const CLAUDE_CODE_SHAPES: OverflowShapes = {
  conversation: "prompt-is-too-long",
  ownPrompt: "prompt-is-too-long",
};

/** Undefined: the error is no overflow. */
export function shapeOf(error: VllmError, shapes: OverflowShapes): OverflowShape | undefined {
  if (error.code !== "CONTEXT_LENGTH_EXCEEDED") return undefined;
  // A shorter conversation helps nobody when it is the output that is too long, and the agent must not make one.
  if (promptFits(error)) return "plain";
  return error.reason === "own-prompt" ? shapes.ownPrompt : shapes.conversation;
}

export function overflowMessage(error: VllmError, shape: OverflowShape): string {
  const { maxModelLen, promptTokens, promptTokensAtLeast } = error;
  if (promptFits(error))
    return `The prompt (${promptTokens} tokens) fits the window of ${maxModelLen}, the output that was asked for does not.`;
  if (shape === "plain") return error.message;
  if (maxModelLen === undefined) return `context_length_exceeded: ${error.message}`;
  if (shape === "prompt-is-too-long")
    return `prompt is too long: ${promptTokens ?? maxModelLen + 1} tokens > ${maxModelLen} maximum`;
  const prompt =
    promptTokens === undefined
      ? "the request needs more"
      : `your prompt contains ${promptTokensAtLeast === true ? "at least " : ""}${promptTokens} input tokens`;
  // pi-ai 0.54 and CoderClaw look for "maximum context length is N tokens"; vLLM has five other wordings that one of them or both do not know.
  return `This model's maximum context length is ${maxModelLen} tokens. However, ${prompt}. Please reduce the length of the messages.`;
}

export function promptFits({ maxModelLen, promptTokens, promptTokensAtLeast }: VllmError): boolean {
  if (maxModelLen === undefined || promptTokens === undefined || promptTokensAtLeast === true) return false;
  return promptTokens < maxModelLen;
}
