export { defineTool } from "./define-tool.ts";
export type {
  DefinedTool,
  RunnableTool,
  RunnableToolDefinition,
  ToolContext,
  ToolDefinition,
  ToolOutput,
} from "./define-tool.ts";
export { parseOutput } from "./parse-output.ts";
export type { JsonSchema, OutputSchema } from "./standard-schema.ts";
export { toResponseFormat } from "./to-response-format.ts";
export { validateToolCall } from "./validate-tool-call.ts";
export type { CallToValidate, ValidatedToolCall } from "./validate-tool-call.ts";
