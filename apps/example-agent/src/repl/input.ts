/** What a person gave: a message or command, the end of the input, or Ctrl-C at the prompt. */
export type Input = { kind: "text"; text: string } | { kind: "end" } | { kind: "interrupt" };

/** Where a conversation's messages come from. */
export interface InputSource {
  /** Waits for the next one. */
  next(): Promise<Input>;
  close(): void;
}
