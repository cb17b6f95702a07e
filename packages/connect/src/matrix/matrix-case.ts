import type { ChatAnswer } from "./ask-chat.ts";

/**
 * - `works`: the server and the model do it
 * - `fails`: the answer is there, and it is wrong
 * - `refused`: the server answered with an error
 * - `not tried`: the model did not do what it was asked for, which says nothing about the server
 */
type MatrixOutcome = "works" | "fails" | "refused" | "not tried";

export interface MatrixVerdict {
  outcome: MatrixOutcome;
  /** The observation, in words fit to print. */
  evidence: string;
}

/** One thing that agents need, as a request and what its answer means. */
export interface MatrixCase {
  name: string;
  /** Fields of the chat request besides `model` and `stream`. */
  request: Readonly<Record<string, unknown>>;
  judge(answer: ChatAnswer): MatrixVerdict;
}
