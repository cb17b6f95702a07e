import { VllmError } from "@vllm/schema/core";
import type { DefinedTool } from "./define-tool.ts";
import { renderIssues } from "./render-issues.ts";

/** A call as the client's events and results give it. */
export interface CallToValidate {
  name: string;
  /** Undefined when the model's text did not parse. */
  arguments: Record<string, unknown> | undefined;
  parseError?: { readonly message: string } | undefined;
}

/** Typed arguments, or what to send back to the model as the tool's result. */
export type ValidatedToolCall<Arguments> = { ok: true; arguments: Arguments } | { ok: false; message: string };

/**
 * Checks a call against its tool's schema. `message` tells the model what to change, in words that fit a tool result.
 *
 * @throws {VllmError} `CONFIG_INVALID` for a tool that `defineTool` did not make, or for a copy of one
 * @throws what a refinement or a transform of the schema throws
 */
export async function validateToolCall<Arguments>(
  tool: DefinedTool<Arguments>,
  toolCall: CallToValidate,
): Promise<ValidatedToolCall<Arguments>> {
  const { name } = tool.function;
  if ((tool.schema as unknown) === undefined) throw noSchema(name);
  if (toolCall.name !== name) return { ok: false, message: `Unknown tool. Call ${name}.` };
  if (toolCall.arguments === undefined) {
    const reason = toolCall.parseError?.message ?? "The arguments are not a JSON object.";
    return { ok: false, message: `${name} was not run. ${reason}` };
  }
  const result = await tool.schema["~standard"].validate(toolCall.arguments);
  if (result.issues === undefined) return { ok: true, arguments: result.value };
  return {
    ok: false,
    message: `${name} was not run: its arguments do not fit.\n${renderIssues(result.issues)}\nCall it again with arguments that do.`,
  };
}

function noSchema(name: string): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `The tool ${name} has no schema to check its calls with.`,
    hint: "Pass the very tool that defineTool made: a plain tool has no schema, and a copy ({ ...tool }) loses it.",
  });
}
