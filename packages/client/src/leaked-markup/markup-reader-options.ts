import type { ToolCallFormat } from "@vllm/schema/core";
import type { JsonSchema } from "../schemas/standard-schema.ts";

/** What must be known of a tool of the request. */
export interface RecoverableTool {
  name: string;
  /** JSON Schema of the arguments: decides the types of values that a format writes as plain text. */
  parameters?: JsonSchema | undefined;
}

export interface MarkupReaderOptions {
  /** Turn `<think>` and its like into reasoning. */
  thinkTags: boolean;
  /** Turn calls in the text into calls. Without {@link tools} nothing is one. */
  toolCallText: boolean;
  /** The request's tools: no other name is ever a call. */
  tools: readonly RecoverableTool[];
  /** True when the chat template ended the prompt inside reasoning, so that the answer holds only the end tag. */
  startsInReasoning: boolean;
}

/** A piece of an answer, in order. Pieces of text are never empty, and may be cut anywhere. */
export type MarkupPiece =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  | {
      type: "toolcall";
      name: string;
      /** A JSON object, as the model wrote it or made of what it wrote, slips that can be repaired included. */
      argumentsText: string;
      format: ToolCallFormat;
    };
