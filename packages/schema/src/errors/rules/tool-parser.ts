import type { Rule } from "./rule.ts";

export const toolParser: Rule = ({ message }) => {
  if (!/requires --(?:enable-auto-tool-choice|tool-call-parser)/.test(message)) return undefined;
  const isAuto = message.includes('"auto" tool choice');
  return {
    code: "TOOL_PARSER_NOT_ENABLED",
    message: isAuto
      ? "The server was started without tool calling, and the request has tools."
      : "The server was started without a tool call parser, and the request demands a tool call (tool_choice).",
    hint: "Start it with: vllm serve <model> --enable-auto-tool-choice --tool-call-parser <parser> (hermes for Qwen2.5 and Qwen3, qwen3_coder for Qwen3-Coder and Qwen3.5+, llama3_json for Llama 3, mistral for Mistral, openai for gpt-oss).",
  };
};
