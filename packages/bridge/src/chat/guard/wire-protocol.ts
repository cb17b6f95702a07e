import type { ModelProfile, VllmError } from "@vllm/schema/core";
import type { ChatParams } from "@vllm/client";
import type { OverflowShapes } from "../../options/overflow-options.ts";
import type { EventFrame } from "./event-frames.ts";
import type { SeenAnswer } from "./seen-answer.ts";

export type Body = Readonly<Record<string, unknown>>;

/** Reads one streamed answer. */
export interface AnswerReader {
  readonly answer: SeenAnswer;
  /** True from the first tool call on: what follows is handed over only when the whole answer is there. */
  readonly isHolding: boolean;
  /** The last event has come. */
  readonly hasEnded: boolean;
  /** A text or a piece of reasoning has come. */
  readonly hasContent: boolean;
  read(frame: EventFrame): void;
}

/** How an answer in the protocol's own shape is refused. */
interface WireError {
  status: number;
  body: object;
}

/** A route of vLLM for agents, beside chat. */
export interface WireProtocol {
  /** Below the server's root. */
  path: string;
  /** The body's limit of output tokens. */
  outputField: string;
  /** False: the protocol requires the limit, so that it is lowered and not left out. */
  isOutputOptional: boolean;
  /** For agents of which nothing else is known. */
  overflow: OverflowShapes;
  /** What may be sent while nothing else comes. */
  keepAlive: string;
  createReader(): AnswerReader;
  /** An answer that is not streamed. */
  readWhole(body: Body): SeenAnswer;
  /** The events of a second answer as the rest of the first one, of which the client has the beginning. */
  continueAnswer(first: AnswerReader): (frame: EventFrame) => string;
  /** The request again, with what was wrong with the calls. */
  askAgain(body: Body, answer: SeenAnswer, problems: readonly string[]): Body;
  /** The system prompt in front of the first user message, for templates without a system message; the same body where there is none. */
  foldSystem(body: Body): Body;
  /** The request's system prompt, tools and messages as a chat has them, to count them. */
  toChat(body: Body): Pick<ChatParams, "messages" | "tools">;
  toError(error: VllmError, shapes: OverflowShapes): WireError;
  /** The same in a stream that has begun. */
  renderError(error: VllmError, begun: AnswerReader): string;
}

export type ProfileRules = Pick<ModelProfile, "contextWindow" | "history"> | undefined;
