import {
  UnsupportedFunctionalityError,
  type LanguageModelV4ToolResultOutput,
  type SharedV4Warning,
} from "@ai-sdk/provider";
import type { ToolMessage } from "@vllm/client";
import { toContentPart } from "./to-content-part.ts";

type ToolPart = Exclude<ToolMessage["content"], string>[number];

/** The result of a tool, as the content of its message. */
export function toToolContent(
  output: LanguageModelV4ToolResultOutput,
  warnings: SharedV4Warning[],
): ToolMessage["content"] {
  switch (output.type) {
    case "text":
    case "error-text":
      return output.value;
    case "json":
    case "error-json":
      return JSON.stringify(output.value);
    case "execution-denied":
      return output.reason ?? "The user did not allow this call to run.";
    case "content":
      return toParts(output.value, warnings);
  }
}

type Content = Extract<LanguageModelV4ToolResultOutput, { type: "content" }>["value"];

/** A result that cannot be sent must not end an agent's work: the model is told that it was left out. */
function toParts(content: Content, warnings: SharedV4Warning[]): ToolMessage["content"] {
  const parts = content.map((part): ToolPart => {
    if (part.type === "text") return { type: "text", text: part.text };
    const sent = part.type === "file" ? tryFile(part) : undefined;
    if (sent !== undefined) return sent;
    const what = part.type === "file" ? `a file of type ${part.mediaType}` : "a custom part";
    warnings.push({
      type: "unsupported",
      feature: `${what} in a tool result`,
      details: "The model gets a note instead: vLLM takes text and pictures there.",
    });
    return { type: "text", text: `[The tool also returned ${what}, which cannot be shown.]` };
  });
  return parts.every(({ type }) => type === "text")
    ? parts.map((part) => (part.type === "text" ? part.text : "")).join("\n")
    : parts;
}

function tryFile(part: Parameters<typeof toContentPart>[0]): ToolPart | undefined {
  try {
    const sent = toContentPart(part);
    return sent.type === "text" || sent.type === "image_url" ? sent : undefined;
  } catch (error) {
    if (UnsupportedFunctionalityError.isInstance(error)) return undefined;
    throw error;
  }
}
