import { allowsStrict } from "./allows-strict.ts";
import type { FunctionTool } from "./openai-params.ts";

/**
 * The tools as they are sent: always with `parameters` (vllm-router answers 422 to a tool without), and marked `strict`
 * where that is asked for and the schema allows it. A `strict` that the caller wrote stays.
 */
export function toSendableTools(tools: readonly FunctionTool[], isStrict: boolean): FunctionTool[] {
  return tools.map((tool) => {
    const parameters = tool.function.parameters ?? { type: "object", properties: {} };
    const marks = isStrict && tool.function.strict === undefined && allowsStrict(parameters);
    return { ...tool, function: { ...tool.function, parameters, ...(marks ? { strict: true } : {}) } };
  });
}
