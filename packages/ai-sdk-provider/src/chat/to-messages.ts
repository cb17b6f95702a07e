import type { LanguageModelV4Message, LanguageModelV4Prompt, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatMessage } from "@vllm/client";
import { toContentPart } from "./to-content-part.ts";
import { toToolContent } from "./to-tool-content.ts";

type Turn<Role> = Extract<LanguageModelV4Message, { role: Role }>;

/** The AI SDK's prompt as the messages of a chat request. */
export function toMessages(prompt: LanguageModelV4Prompt, warnings: SharedV4Warning[]): ChatMessage[] {
  return prompt.flatMap((message): ChatMessage[] => {
    switch (message.role) {
      case "system":
        return [{ role: "system", content: message.content }];
      case "user":
        return [{ role: "user", content: toUserContent(message.content) }];
      case "assistant":
        return [toAssistantMessage(message.content, warnings)];
      case "tool":
        return toToolMessages(message.content, warnings);
    }
  });
}

function toUserContent(content: Turn<"user">["content"]): Extract<ChatMessage, { role: "user" }>["content"] {
  const [first, ...others] = content;
  if (first?.type === "text" && others.length === 0) return first.text;
  return content.map((part) => (part.type === "text" ? { type: "text", text: part.text } : toContentPart(part)));
}

/** Reasoning goes back in vLLM's own field, which chat templates read. */
function toAssistantMessage(content: Turn<"assistant">["content"], warnings: SharedV4Warning[]): ChatMessage {
  let [text, reasoning] = ["", ""];
  const calls = [];
  for (const part of content) {
    if (part.type === "text") text += part.text;
    else if (part.type === "reasoning") reasoning += part.text;
    else if (part.type === "tool-call") {
      const { toolCallId, toolName, input } = part;
      // A call that could not be parsed keeps the model's own text.
      const written = typeof input === "string" ? input : JSON.stringify(input ?? {});
      calls.push({ id: toolCallId, type: "function" as const, function: { name: toolName, arguments: written } });
    } else {
      warnings.push({
        type: "unsupported",
        feature: `${part.type} parts of an assistant's message`,
        details: "They are left out: a model of vLLM does not write them, and its chat template cannot show them.",
      });
    }
  }
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    ...(reasoning === "" ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** Approvals concern tools that the provider runs; vLLM runs none. */
function toToolMessages(content: Turn<"tool">["content"], warnings: SharedV4Warning[]): ChatMessage[] {
  return content.flatMap((part): ChatMessage[] =>
    part.type === "tool-result"
      ? [{ role: "tool", tool_call_id: part.toolCallId, content: toToolContent(part.output, warnings) }]
      : [],
  );
}
