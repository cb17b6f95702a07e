import type { ModelProfile } from "@vllm/schema/core";
import { allowsStrict } from "./allows-strict.ts";
import type { FunctionTool } from "./openai-params.ts";

/** Whether tools are to be marked `strict`: where that is asked for, and with `auto` where the model's profile says that it works. */
export function marksStrict(
  strictTools: boolean | "auto" | undefined,
  profile: Pick<Partial<ModelProfile>, "strictTools"> | undefined,
): boolean {
  return strictTools === "auto" ? profile?.strictTools?.value === "yes" : strictTools === true;
}

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
