import { messagesOf, textOf, type ChatRequestLike } from "./chat-request.ts";

/** What the lab's chat template makes of a request: the prompt, or the words with which it refuses. */
export type RenderedPrompt = { readonly prompt: string } | { readonly refusal: string };

interface TemplateRequest extends ChatRequestLike {
  chat_template_kwargs?: { enable_thinking?: unknown } | null;
  add_generation_prompt?: unknown;
  continue_final_message?: unknown;
}

interface TemplateMessage {
  role?: unknown;
  content?: unknown;
  reasoning?: unknown;
  tool_calls?: { function: { name: string; arguments: string } }[] | null;
}

/**
 * Renders a prompt as vLLM does with the chat template of the lab's model. It is the one thing here that is computed and
 * not recorded, because a probe puts words of its own into what it asks; every `template-*` recording is checked against it.
 */
export function renderPrompt(request: TemplateRequest): RenderedPrompt {
  const messages = withoutDevelopers(messagesOf(request) as TemplateMessage[]);
  const tools = Array.isArray(request.tools) ? request.tools : [];
  if (messages.length === 0) {
    return { refusal: "Cannot apply chat template to an empty conversation. Provide at least one message." };
  }
  if (messages.slice(1).some(isSystem)) return { refusal: "System message must be at the beginning." };

  const [first] = messages;
  const system = first && isSystem(first) ? joinParts(first) : undefined;
  let prompt = "";
  if (tools.length > 0) {
    const list = tools.map((tool) => `${toPythonJson(tool)}\n`).join("");
    prompt = `<|im_start|>system\n${system === undefined ? "" : `${system}\n\n`}# Tools\n${list}<|im_end|>\n`;
  } else if (system !== undefined) {
    prompt = `<|im_start|>system\n${system}<|im_end|>\n`;
  }
  prompt += messages
    .filter((message) => !isSystem(message))
    .map(renderMessage)
    .join("");
  if (request.continue_final_message === true) return { prompt: prompt.replace(/<\|im_end\|>\n$/, "") };
  if (request.add_generation_prompt === false) return { prompt };
  const isThinkingOff = request.chat_template_kwargs?.enable_thinking === false;
  return { prompt: `${prompt}<|im_start|>assistant\n${isThinkingOff ? "<think>\n\n</think>\n\n" : ""}` };
}

/** For a template that knows no developer, vLLM makes its messages and those of the system one system message, the first. */
function withoutDevelopers(messages: readonly TemplateMessage[]): readonly TemplateMessage[] {
  if (!messages.some(({ role }) => role === "developer")) return messages;
  const isInstruction = ({ role }: TemplateMessage) => role === "system" || role === "developer";
  const texts = messages.filter(isInstruction).map(joinParts);
  const content = texts.filter((text) => text !== "").join("\n\n");
  return [{ role: "system", content }, ...messages.filter((message) => !isInstruction(message))];
}

function isSystem(message: TemplateMessage): boolean {
  return message.role === "system";
}

function renderMessage(message: TemplateMessage): string {
  const content = joinParts(message);
  if (message.role === "tool") return `<|im_start|>user\n<tool_response>\n${content}\n</tool_response><|im_end|>\n`;
  if (message.role !== "assistant") return `<|im_start|>${String(message.role)}\n${content}<|im_end|>\n`;
  const thought = message.reasoning ? `<think>\n${String(message.reasoning)}\n</think>\n\n` : "";
  const calls = (message.tool_calls ?? []).map(
    (call) =>
      `<tool_call>\n{"name": "${call.function.name}", "arguments": ${toPythonJson(parseArguments(call.function.arguments))}}\n</tool_call>`,
  );
  return `<|im_start|>assistant\n${thought}${content}${calls.join("")}<|im_end|>\n`;
}

/** vLLM joins the parts of a text by line breaks. */
function joinParts(message: TemplateMessage): string {
  if (!Array.isArray(message.content)) return textOf(message);
  return message.content.map((part: object) => textOf({ content: [part] })).join("\n");
}

/** vLLM 0.30 and later take broken arguments for none. */
function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** JSON as Python writes it: a blank after each colon and comma. */
function toPythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toPythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}: ${toPythonJson(member)}`)
    .join(", ")}}`;
}
