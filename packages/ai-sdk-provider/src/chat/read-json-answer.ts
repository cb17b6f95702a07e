import type { ChatEvent, ChatReply, ChatResult } from "@vllm/client";
import { parseJson } from "@vllm/schema/internal";
import { addUsage } from "./add-usage.ts";

type OnEvent = (event: ChatEvent) => Promise<void> | undefined;

/**
 * An answer that is to be JSON and may call tools, so that no grammar holds it. From its first text on it is kept until it has ended: beside
 * calls, and as JSON, the text is the answer; JSON is taken out of a code fence; for any other text the model is asked again.
 */
export async function readJsonAnswer(
  first: ChatReply,
  askAgain: () => ChatReply,
  onEvent: OnEvent,
): Promise<ChatResult> {
  const held: ChatEvent[] = [];
  let blocks = 0;
  const result = await first.forEach((event) => {
    if ("contentIndex" in event) blocks = Math.max(blocks, event.contentIndex + 1);
    const isHeld = held.length > 0 || event.type === "text_start" || event.type === "done";
    if (!isHeld) return onEvent(event);
    held.push(event);
    return undefined;
  });
  const isAnswer = result.toolCalls.length > 0 || result.ending !== "complete" || isJson(result.text);
  const json = isAnswer ? undefined : withoutFence(result.text);
  if (isAnswer) for (const event of held) await onEvent(event);
  else if (json !== undefined) for (const event of toEvents(json, result, blocks)) await onEvent(event);
  else return readSecond(askAgain(), { ...result, blocks }, onEvent);
  return result;
}

/** The blocks of the second answer are numbered after those of the first, and its usage is of both. */
async function readSecond(
  second: ChatReply,
  before: Pick<ChatResult, "usage" | "warnings"> & { blocks: number },
  onEvent: OnEvent,
): Promise<ChatResult> {
  let whole: ChatResult | undefined;
  await second.forEach((event) => {
    if (event.type === "start") return undefined;
    if (event.type !== "done") return onEvent(moved(event, before.blocks));
    const { usage: lastUsage } = event;
    const warnings = [...before.warnings, ...event.warnings];
    whole = { ...event, warnings, usage: addUsage(before.usage, lastUsage), lastUsage };
    return onEvent({ type: "done", ...whole });
  });
  return whole as ChatResult;
}

function moved(event: ChatEvent, blocks: number): ChatEvent {
  return "contentIndex" in event ? { ...event, contentIndex: event.contentIndex + blocks } : event;
}

function toEvents(text: string, result: ChatResult, blocks: number): ChatEvent[] {
  const at = { choiceIndex: 0, contentIndex: blocks };
  return [
    { type: "text_start", ...at },
    { type: "text_delta", ...at, delta: text },
    { type: "text_end", ...at, text },
    { type: "done", ...result, text },
  ];
}

function isJson(text: string): boolean {
  return parseJson(text) !== undefined;
}

/** The JSON inside of a code fence that is the whole answer. */
function withoutFence(text: string): string | undefined {
  const lines = text.trim().split("\n");
  const inner = lines.slice(1, -1).join("\n");
  const isFenced = lines.length > 2 && lines[0]?.startsWith("```") === true && lines.at(-1)?.trim() === "```";
  return isFenced && isJson(inner) ? inner : undefined;
}
