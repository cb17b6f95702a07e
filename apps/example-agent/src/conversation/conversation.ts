import type { ChatMessage } from "./message.ts";

/** A person's message and everything that followed it, up to the next one. Never split: calls stay with their results. */
export type Turn = readonly ChatMessage[];

export interface Conversation {
  system: string;
  turns: readonly Turn[];
}

/** What is sent: the system message first, the turns in order. */
export function toMessages({ system, turns }: Conversation): ChatMessage[] {
  return [{ role: "system", content: system }, ...turns.flat()];
}
