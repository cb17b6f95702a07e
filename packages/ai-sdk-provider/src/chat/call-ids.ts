import type { LanguageModelV4Prompt } from "@ai-sdk/provider";

/** The AI SDK tells the calls of a conversation apart by their ids; some models repeat them, within one answer or from turn to turn. */
export class CallIds {
  private readonly taken: Set<string>;

  constructor(prompt: LanguageModelV4Prompt) {
    const parts = prompt.flatMap((message) => (message.role === "assistant" ? message.content : []));
    this.taken = new Set(parts.flatMap((part) => (part.type === "tool-call" ? [part.toolCallId] : [])));
  }

  /** The id, or one like it that is free. */
  take(id: string): string {
    let free = id;
    for (let count = 2; this.taken.has(free); count++) free = `${id}-${count}`;
    this.taken.add(free);
    return free;
  }
}
