import type { EventReceiver } from "../stream/chat-machine.ts";
import type { ChatEvent } from "../stream/events.ts";

type CallEvent = Extract<ChatEvent, { type: `toolcall_${string}` }>;

/**
 * Passes on everything but tool calls, which wait until it is known that the answer is not asked for again. A call's arguments come whole,
 * in one delta.
 */
export class HeldCalls implements EventReceiver {
  private readonly receiver: EventReceiver;
  private readonly held: CallEvent[] = [];

  constructor(receiver: EventReceiver) {
    this.receiver = receiver;
  }

  onEvent(event: ChatEvent): void {
    switch (event.type) {
      case "toolcall_start":
        this.held.push(event);
        break;
      case "toolcall_delta":
        break;
      case "toolcall_end": {
        const { choiceIndex, contentIndex, index, toolCall } = event;
        const delta = toolCall.argumentsText;
        if (delta !== "") this.held.push({ type: "toolcall_delta", choiceIndex, contentIndex, index, delta });
        this.held.push(event);
        break;
      }
      default:
        this.receiver.onEvent(event);
    }
  }

  /** The answer is asked for again. */
  drop(): void {
    this.held.length = 0;
  }

  release(): void {
    for (const event of this.held.splice(0)) this.receiver.onEvent(event);
  }

  /** Hands over those that are whole. */
  releaseWhole(): void {
    const broken = new Set<string>();
    for (const event of this.held) {
      if (event.type === "toolcall_end" && event.toolCall.parseError !== undefined) broken.add(placeOf(event));
    }
    for (const event of this.held.splice(0)) if (!broken.has(placeOf(event))) this.receiver.onEvent(event);
  }
}

function placeOf({ choiceIndex, contentIndex }: CallEvent): string {
  return `${choiceIndex} ${contentIndex}`;
}
