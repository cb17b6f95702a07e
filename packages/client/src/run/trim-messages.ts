import type { ChatMessage } from "../request/index.ts";

/** Length that a tool's result is shortened to when nothing else is left to drop, in characters. */
const SHORTENED_CHARS = 200;

export interface TrimLimits {
  /** Turns are dropped until the rest is below. In characters of JSON, as {@link sizeOf} counts. */
  dropAbove: number;
  /** Results are shortened only as long as the rest is above. */
  shortenAbove: number;
}

export interface TrimmedMessages {
  messages: ChatMessage[];
  droppedMessages: number;
  shortenedResults: number;
}

/**
 * Makes a conversation shorter, oldest first and never within a turn: whole exchanges before the last question, then the model's
 * turns since it, each with the results of its calls. System messages at the beginning, the last question and the last turn stay.
 */
export function trimMessages(given: readonly ChatMessage[], { dropAbove, shortenAbove }: TrimLimits): TrimmedMessages {
  const turns = toTurns(given);
  let size = given.reduce((sum, message) => sum + sizeOf(message), 0);
  const kept = turns.filter(({ messages, mayGo }) => {
    if (!mayGo || size <= dropAbove) return true;
    size -= messages.reduce((sum, message) => sum + sizeOf(message), 0);
    return false;
  });
  let shortenedResults = 0;
  const messages = kept
    .flatMap((turn) => turn.messages)
    .map((message) => {
      if (size <= shortenAbove) return message;
      const shorter = shorten(message);
      if (shorter === undefined) return message;
      size += sizeOf(shorter) - sizeOf(message);
      shortenedResults += 1;
      return shorter;
    });
  return { messages, droppedMessages: given.length - messages.length, shortenedResults };
}

/** Characters of a message as JSON. */
export function sizeOf(message: ChatMessage): number {
  return JSON.stringify(message).length;
}

interface Turn {
  messages: ChatMessage[];
  mayGo: boolean;
}

function toTurns(messages: readonly ChatMessage[]): Turn[] {
  const question = messages.findLastIndex(({ role }) => role === "user");
  const firstOther = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  const turns: Turn[] = [];
  for (const [index, message] of messages.entries()) {
    const isHead = firstOther === -1 || index < firstOther;
    const begins = message.role === "user" || (message.role === "assistant" && index > question);
    if (index === 0 || index === firstOther || begins)
      turns.push({ messages: [], mayGo: !isHead && index !== question });
    turns.at(-1)?.messages.push(message);
  }
  const last = turns.at(-1);
  if (last !== undefined) last.mayGo = false;
  return turns;
}

function shorten(message: ChatMessage): ChatMessage | undefined {
  if (message.role !== "tool" || typeof message.content !== "string") return undefined;
  const { length } = message.content;
  if (length <= 2 * SHORTENED_CHARS) return undefined;
  const kept = message.content.slice(0, SHORTENED_CHARS);
  return { ...message, content: `${kept}\n[shortened to fit the context window: it had ${length} characters]` };
}
