/** One argument of a tool, as the model is told about it. */
interface ToolParameter {
  type: "string" | "integer";
  description: string;
  isOptional?: boolean | undefined;
}

/** The arguments of a call after they were checked: every value as text, optional ones may be absent. */
export type ToolValues = Readonly<Record<string, string | undefined>>;

/** What a run may use. */
export interface ToolContext {
  /** The person's stop. */
  signal: AbortSignal;
  /** Most characters the result may have, so that it fits the model's window. */
  maxChars: number;
}

/** Something the model may call. Tools read; none of them changes anything. */
export interface Tool {
  name: string;
  description: string;
  parameters: Readonly<Record<string, ToolParameter>>;
  /**
   * @returns the text the model gets.
   * @throws {ToolError} with a sentence the model can act on.
   */
  run(values: ToolValues, context: ToolContext): string | Promise<string>;
}

/** A refusal meant for the model: what was wrong with the call, and what would be right. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
