import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatMessage, ChatParams } from "@vllm/client";

export interface JsonAnswer {
  fields: Pick<ChatParams, "response_format">;
  messages: ChatMessage[];
}

/**
 * How the model is held to an answer in JSON: by vLLM's grammar. Where it may call tools as well, by a sentence in the prompt, since the
 * grammar would forbid the calls.
 */
export function toJsonAnswer(
  format: LanguageModelV4CallOptions["responseFormat"],
  { messages, mayCall }: { messages: ChatMessage[]; mayCall: boolean },
  warnings: SharedV4Warning[],
): JsonAnswer {
  if (format === undefined || format.type === "text") return { fields: {}, messages };
  const { schema, name, description } = format;
  if (mayCall) {
    warnings.push({
      type: "compatibility",
      feature: "structured output together with tools",
      details:
        "vLLM's grammar for the answer would forbid tool calls, so the schema is given in the system message instead. For an answer that is held to it, ask in a last call without tools.",
    });
    const rule =
      schema === undefined
        ? "Write your final answer as JSON only, without a code fence."
        : `Write your final answer as JSON only, without a code fence, by this JSON Schema: ${JSON.stringify(schema)}`;
    return { fields: {}, messages: withRule(messages, rule) };
  }
  if (schema === undefined) return { fields: { response_format: { type: "json_object" } }, messages };
  const json_schema = {
    name: name ?? "answer",
    schema: { ...schema },
    ...(description === undefined ? {} : { description }),
  };
  return { fields: { response_format: { type: "json_schema", json_schema } }, messages };
}

function withRule(messages: readonly ChatMessage[], rule: string): ChatMessage[] {
  const [first, ...others] = messages;
  if (first?.role === "system" && typeof first.content === "string") {
    return [{ ...first, content: `${first.content}\n\n${rule}` }, ...others];
  }
  return [{ role: "system", content: rule }, ...messages];
}
