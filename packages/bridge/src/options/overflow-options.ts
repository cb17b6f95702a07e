/**
 * How an overflow is told: words or a code by which agents know that a conversation must be compacted, or, `plain`, a sentence that holds none
 * of them.
 */
export type OverflowShape = "maximum-context-length" | "prompt-is-too-long" | "context_length_exceeded" | "plain";

/** How one agent is told that something does not fit the model's window. */
export interface OverflowShapes {
  /** The conversation: the shape on which this agent compacts it. */
  conversation: OverflowShape;
  /** The agent's own prompt (system messages, tools, first user message): no compaction makes it smaller. */
  ownPrompt: OverflowShape;
}
