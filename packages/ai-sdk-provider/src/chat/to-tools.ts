import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatParams } from "@vllm/client";

type Tools = Pick<ChatParams, "tools" | "tool_choice">;

export function toTools(
  { tools = [], toolChoice }: Pick<LanguageModelV4CallOptions, "tools" | "toolChoice">,
  warnings: SharedV4Warning[],
): Tools {
  const functions = tools.flatMap((tool) => {
    if (tool.type === "provider") {
      const details = "vLLM has no tools of its own: define it as a function tool.";
      warnings.push({ type: "unsupported", feature: `provider tool ${tool.id}`, details });
      return [];
    }
    const { name, description, inputSchema, strict, inputExamples } = tool;
    if (inputExamples !== undefined && inputExamples.length > 0) {
      const details = "vLLM's tools have no field for examples: put them into the description.";
      warnings.push({ type: "unsupported", feature: `inputExamples of ${name}`, details });
    }
    return [
      {
        type: "function" as const,
        function: {
          name,
          // A copy has what JSON can hold: zod hangs more on what it makes.
          parameters: { ...inputSchema },
          ...(description === undefined ? {} : { description }),
          ...(strict === undefined ? {} : { strict }),
        },
      },
    ];
  });
  if (functions.length === 0) return {};
  return { tools: functions, ...toToolChoice(toolChoice) };
}

function toToolChoice(choice: LanguageModelV4CallOptions["toolChoice"]): Tools {
  if (choice === undefined || choice.type === "auto") return {};
  if (choice.type === "tool") return { tool_choice: { type: "function", function: { name: choice.toolName } } };
  return { tool_choice: choice.type };
}
