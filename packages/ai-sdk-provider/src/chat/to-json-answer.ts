import type { LanguageModelV4CallOptions, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatMessage, ChatParams } from "@vllm/client";

/** What holds the model to an answer in JSON. */
export interface JsonAnswer {
  /** Sent with the request. */
  fields: Pick<ChatParams, "response_format">;
  messages: ChatMessage[];
  /** Sent in a second request, should the answer neither call tools nor be JSON. */
  fieldsAgain?: Pick<ChatParams, "response_format" | "tool_choice"> | undefined;
}

/**
 * How the model is held to an answer in JSON: by vLLM's grammar. Where it may call tools as well, the grammar would forbid the calls: then it
 * is told in the prompt, and held to it only when it does not do so.
 */
export function toJsonAnswer(
  format: LanguageModelV4CallOptions["responseFormat"],
  { messages, mayCall }: { messages: ChatMessage[]; mayCall: boolean },
  warnings: SharedV4Warning[],
): JsonAnswer {
  if (format === undefined || format.type === "text") return { fields: {}, messages };
  const fields = { response_format: toResponseFormat(format) };
  if (!mayCall) return { fields, messages };
  warnings.push({
    type: "compatibility",
    feature: "structured output together with tools",
    details:
      "vLLM's grammar for the answer would forbid tool calls, so the schema is given in the system message. An answer without calls that is not JSON is asked for again, under the grammar and without tools.",
  });
  const rule = "Write your final answer as JSON only, without a code fence";
  const asked =
    format.schema === undefined ? `${rule}.` : `${rule}, by this JSON Schema: ${JSON.stringify(format.schema)}`;
  return { fields: {}, messages: withRule(messages, asked), fieldsAgain: { ...fields, tool_choice: "none" } };
}

type JsonFormat = Extract<LanguageModelV4CallOptions["responseFormat"], { type: "json" }>;

function toResponseFormat({ schema, name, description }: JsonFormat): NonNullable<ChatParams["response_format"]> {
  if (schema === undefined) return { type: "json_object" };
  const named = { name: name ?? "answer", ...(description === undefined ? {} : { description }) };
  return { type: "json_schema", json_schema: { ...named, schema: { ...schema } } };
}

function withRule(messages: readonly ChatMessage[], rule: string): ChatMessage[] {
  const [first, ...others] = messages;
  if (first?.role === "system" && typeof first.content === "string") {
    return [{ ...first, content: `${first.content}\n\n${rule}` }, ...others];
  }
  return [{ role: "system", content: rule }, ...messages];
}
