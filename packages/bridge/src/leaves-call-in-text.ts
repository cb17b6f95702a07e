import type { ChatParams, ChatResult } from "@vllm/client";
import { recognizeLeakedCall } from "@vllm/discovery";

/**
 * True when an answer without calls holds the markup of a call to one of the request's tools: on a server without a tool parser, a call that was
 * cut. A whole one would have been found. What stands in code is talk about markup.
 */
export function leavesCallInText(
  { toolCalls, text }: ChatResult<unknown>,
  { tools, tool_choice }: ChatParams,
): boolean {
  if (toolCalls.length > 0 || tools === undefined || tools === null || tool_choice === "none") return false;
  const prose = text.replaceAll(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, "");
  return recognizeLeakedCall(prose) !== undefined && toNames(tools).some((name) => prose.includes(name));
}

function toNames(tools: NonNullable<ChatParams["tools"]>): string[] {
  return (tools as readonly { function?: { name?: unknown } }[]).flatMap(({ function: definition }) =>
    typeof definition?.name === "string" ? [definition.name] : [],
  );
}
