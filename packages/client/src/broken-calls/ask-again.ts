interface BrokenAnswer<Message> {
  message: Message;
  toolCalls: readonly { id: string; parseError?: { message: string } | undefined }[];
}

interface ToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string;
}

/** What the model is sent when a call of its answer was not complete: the answer and, as results of its calls, what was wrong. Nothing of it was run. */
export function askAgain<Message>({ message, toolCalls }: BrokenAnswer<Message>): (Message | ToolMessage)[] {
  const results = toolCalls.map((call): ToolMessage => ({
    role: "tool",
    tool_call_id: call.id,
    content:
      call.parseError?.message ??
      "This call was not run, because another call of the same turn was not complete. Send it again.",
  }));
  return [message, ...results];
}
