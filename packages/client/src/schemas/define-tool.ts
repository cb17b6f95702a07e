import { VllmError } from "@vllm/schema/core";
import type { ChatCompletionFunctionTool } from "openai/resources/chat/completions";
import type { OutputSchema } from "./standard-schema.ts";
import { toJsonSchema } from "./to-json-schema.ts";

/**
 * A tool made of a schema. It is a plain function tool of the OpenAI API, so any client can send it; `schema` is not
 * enumerable and never reaches the wire.
 */
export interface DefinedTool<Arguments = unknown> extends ChatCompletionFunctionTool {
  readonly schema: OutputSchema<Arguments>;
}

/** What {@link defineTool} needs. */
export interface ToolDefinition<Arguments> {
  /** Letters, digits, `_` and `-`: other characters break some tool parsers. */
  name: string;
  /** What the tool does and when to call it, for the model. */
  description?: string | undefined;
  /** Schema of the arguments: an object. */
  parameters: OutputSchema<Arguments>;
}

/**
 * Makes a tool of a schema; send it in `tools`, and check calls of it with `validateToolCall`.
 *
 * @throws VllmError CONFIG_INVALID when there is no name, or the schema has no JSON Schema form or is none of an object.
 */
export function defineTool<Arguments>(definition: ToolDefinition<Arguments>): DefinedTool<Arguments> {
  const { name, description, parameters } = definition;
  if (typeof name !== "string" || name.trim() === "") {
    throw unusable("A tool has no name.", 'Give it one: defineTool({ name: "get_weather", … }).');
  }
  const jsonSchema = toJsonSchema(parameters);
  if (jsonSchema["type"] !== undefined && jsonSchema["type"] !== "object") {
    throw unusable(
      `The parameters of ${name} are a schema of type ${JSON.stringify(jsonSchema["type"])}: a call has an object of arguments.`,
      "Wrap it: z.object({ value: … }).",
    );
  }
  const tool: ChatCompletionFunctionTool = {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: jsonSchema as Record<string, unknown>,
    },
  };
  return Object.defineProperty(tool, "schema", { value: parameters }) as DefinedTool<Arguments>;
}

function unusable(message: string, hint: string): VllmError {
  return new VllmError({ code: "CONFIG_INVALID", message, hint });
}
