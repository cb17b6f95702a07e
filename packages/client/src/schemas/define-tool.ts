import { VllmError } from "@vllm/schema/core";
import { isRecord } from "@vllm/schema/internal";
import type { TextPart, ImagePart } from "../request/chat-message.ts";
import type { FunctionTool } from "../request/openai-params.ts";
import { fromJsonSchema } from "./from-json-schema.ts";
import type { JsonSchema, OutputSchema } from "./standard-schema.ts";
import { toJsonSchema } from "./to-json-schema.ts";

/** What a tool's `execute` gets besides the arguments. */
export interface ToolContext {
  /** Aborted when the run is stopped. */
  signal: AbortSignal;
  /** Id of the call. */
  toolCallId: string;
}

/** The result of a tool, for the model: a text, or parts with pictures where the model's chat template takes them. */
export type ToolOutput = string | (TextPart | ImagePart)[];

/**
 * A tool made of a schema. It is a plain function tool of the OpenAI API, so any client can send it; `schema` and `execute` are not
 * enumerable and never reach the wire.
 */
export interface DefinedTool<Arguments = unknown> extends FunctionTool {
  readonly schema: OutputSchema<Arguments>;
}

/** A tool that `runTools` can run. */
export interface RunnableTool<Arguments = unknown> extends DefinedTool<Arguments> {
  execute(args: Arguments, context: ToolContext): ToolOutput | Promise<ToolOutput>;
}

/** What {@link defineTool} needs. */
export interface ToolDefinition<Arguments> {
  /** Letters, digits, `_` and `-`: other characters break some tool parsers. */
  name: string;
  /** What the tool does and when to call it, for the model. */
  description?: string | undefined;
  /** Schema of the arguments, an object: of zod or another library of the standard. */
  parameters: OutputSchema<Arguments>;
}

/** What {@link defineTool} needs for a tool that `runTools` can run. */
export interface RunnableToolDefinition<Arguments> extends ToolDefinition<Arguments> {
  /**
   * Runs a call whose arguments fit `parameters`. What it throws is reported to the model, with its message; the run goes on.
   */
  execute: (args: Arguments, context: ToolContext) => ToolOutput | Promise<ToolOutput>;
}

/** Arguments as plain JSON Schema: the client checks no more than that a call has an object. */
type WithJsonSchema<Definition> = Omit<Definition, "parameters"> & { parameters: JsonSchema };

/**
 * Makes a tool of a schema; send it in `tools`, and check calls of it with `validateToolCall`, or give it to `runTools`.
 *
 * @throws {VllmError} `CONFIG_INVALID` when there is no name, or the schema has no JSON Schema form or is not of an object
 */
export function defineTool<Arguments>(definition: RunnableToolDefinition<Arguments>): RunnableTool<Arguments>;
export function defineTool<Arguments>(definition: ToolDefinition<Arguments>): DefinedTool<Arguments>;
export function defineTool(
  definition: WithJsonSchema<RunnableToolDefinition<Record<string, unknown>>>,
): RunnableTool<Record<string, unknown>>;
export function defineTool(
  definition: WithJsonSchema<ToolDefinition<Record<string, unknown>>>,
): DefinedTool<Record<string, unknown>>;
export function defineTool(definition: {
  name: string;
  description?: string | undefined;
  parameters: OutputSchema | JsonSchema;
  execute?: unknown;
}): DefinedTool {
  const { name, description, parameters, execute } = definition;
  if (typeof name !== "string" || name.trim() === "") {
    throw unusable("A tool has no name.", 'Give it one: defineTool({ name: "get_weather", … }).');
  }
  if (execute !== undefined && typeof execute !== "function") {
    throw unusable(`execute of ${name} is not a function.`, "Pass execute: async (args) => …, or leave it out.");
  }
  const schema = isJsonSchema(parameters) ? fromJsonSchema(parameters) : (parameters as OutputSchema);
  const jsonSchema = toJsonSchema(schema);
  if (jsonSchema["type"] !== undefined && jsonSchema["type"] !== "object") {
    throw unusable(
      `The parameters of ${name} are a schema of type ${JSON.stringify(jsonSchema["type"])}: a call has an object of arguments.`,
      "Wrap it: z.object({ value: … }).",
    );
  }
  const tool: FunctionTool = {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: jsonSchema,
    },
  };
  return Object.defineProperties(tool, { schema: { value: schema }, execute: { value: execute } }) as DefinedTool;
}

/** Plain JSON Schema, without a library's schema behind it. */
function isJsonSchema(parameters: OutputSchema | JsonSchema): parameters is JsonSchema {
  return isRecord(parameters) && Object.getPrototypeOf(parameters) === Object.prototype && !("~standard" in parameters);
}

function unusable(message: string, hint: string): VllmError {
  return new VllmError({ code: "CONFIG_INVALID", message, hint });
}
