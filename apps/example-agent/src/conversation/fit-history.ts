import type { ToolDefinition } from "../tools/to-tool-definition.ts";
import type { Conversation, Turn } from "./conversation.ts";
import { toMessages } from "./conversation.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import type { ChatMessage } from "./message.ts";

/** Length a tool's result of the running turn is shortened to when nothing else is left to drop, in characters. */
const SHORTENED_CHARS = 200;

export interface FitHistoryOptions {
  /** Prompt plus answer, in tokens. Undefined when nobody knows it: then nothing is dropped. */
  contextWindow: number | undefined;
  tools: readonly ToolDefinition[];
  /** The server's own count; undefined when it does not count. */
  countTokens(messages: readonly ChatMessage[]): Promise<number | undefined>;
}

export interface FitHistory {
  turns: readonly Turn[];
  /** Oldest turns that were left out. */
  droppedTurns: number;
  /** Results of tools in the running turn that were shortened. */
  shortenedResults: number;
}

/** Tokens kept free for the answer: a quarter of the window, at most 4096. */
export function answerRoom(contextWindow: number): number {
  return Math.min(4096, Math.floor(contextWindow / 4));
}

/**
 * Makes a conversation fit its model's window before it is sent: whole turns go, oldest first; when only the running turn is left,
 * its tools' results are shortened, oldest first. What still does not fit is for the server to refuse.
 */
export async function fitHistory(conversation: Conversation, options: FitHistoryOptions): Promise<FitHistory> {
  const { contextWindow, tools } = options;
  let { turns } = conversation;
  let droppedTurns = 0;
  let shortenedResults = 0;
  if (contextWindow === undefined) return { turns, droppedTurns, shortenedResults };
  const limit = contextWindow - answerRoom(contextWindow);

  for (;;) {
    const messages = toMessages({ ...conversation, turns });
    const { likely, most } = estimateTokens(messages, tools);
    if (most <= limit) break;
    const tokens = (await options.countTokens(messages)) ?? likely;
    if (tokens <= limit) break;
    const dropped = turnsToDrop(turns, (tokens - limit) / tokens);
    if (dropped > 0) {
      turns = turns.slice(dropped);
      droppedTurns += dropped;
      continue;
    }
    const shortened = shortenOldestResult(turns);
    if (shortened === undefined) break;
    turns = shortened;
    shortenedResults += 1;
  }
  return { turns, droppedTurns, shortenedResults };
}

/** How many of the oldest turns make up this share of the text; the last turn is never among them. */
function turnsToDrop(turns: readonly Turn[], share: number): number {
  const sizes = turns.map((turn) => JSON.stringify(turn).length);
  let excess = share * sizes.reduce((sum, size) => sum + size, 0);
  let count = 0;
  while (excess > 0 && count < turns.length - 1) {
    excess -= sizes[count] ?? 0;
    count += 1;
  }
  return count;
}

function shortenOldestResult(turns: readonly Turn[]): readonly Turn[] | undefined {
  const last = turns.at(-1) ?? [];
  const index = last.findIndex((message) => message.role === "tool" && lengthOf(message) > 2 * SHORTENED_CHARS);
  const found = last[index];
  if (found === undefined) return undefined;
  const note = `[shortened to fit the context window: it had ${lengthOf(found)} characters]`;
  const shortened = {
    ...found,
    content: `${String(found.content)
      .slice(0, SHORTENED_CHARS)
      .replace(/[\ud800-\udbff]$/, "")}\n${note}`,
  } as ChatMessage;
  return [...turns.slice(0, -1), last.with(index, shortened)];
}

function lengthOf(message: ChatMessage): number {
  return typeof message.content === "string" ? message.content.length : 0;
}
