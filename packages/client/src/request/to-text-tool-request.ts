import type { ChatWarning } from "../stream/warning.ts";

type Body = Readonly<Record<string, unknown>>;

export interface TextToolRequest {
  body: Record<string, unknown>;
  warnings: ChatWarning[];
}

/**
 * The same request for a server without a tool parser, which answers 400 to tools: the tools stay in the prompt, and the
 * model's calls come as text, special tokens included, for `recover: { toolCallText: true }` to find.
 */
export function toTextToolRequest(body: Body): TextToolRequest {
  return {
    body: { ...body, tool_choice: "none", skip_special_tokens: body["skip_special_tokens"] ?? false },
    warnings: isForced(body["tool_choice"]) ? [NOT_ENFORCED] : [],
  };
}

/** True when the request leaves the model no choice but to call a tool. */
export function isForced(toolChoice: unknown): boolean {
  return toolChoice === "required" || (typeof toolChoice === "object" && toolChoice !== null);
}

const FIX = "Start the server with --enable-auto-tool-choice --tool-call-parser <name>.";

const NOT_ENFORCED: ChatWarning = {
  code: "parameter-has-no-effect",
  message: "This server has no tool parser, so tool_choice cannot force a call: the model is free to call or not.",
  hint: FIX,
};

/** Told when the server's refusal was the first that was heard of it; a profile that knows makes no second request. */
export const TOOLS_IN_TEXT: ChatWarning = {
  code: "tools-in-text",
  message:
    "This server has no tool parser and refused the request's tools. It was asked again with the tools in the prompt only, and calls are looked for in the answer's text.",
  hint: FIX,
};
