/** The body of a streamed answer. */
export interface BodyWriter {
  /** Sends the head with the first piece; pieces of the same read leave together. A promise when the client has to catch up first. */
  write(text: string): Promise<void> | undefined;
  /** Ends the answer after everything that was written. */
  end(): void;
}

/** Where an answer goes: the response of Node's server, or the one of a fetch. */
export interface AnswerTarget {
  /** The client has left, or the answer has ended. */
  readonly isOver: boolean;
  /** An answer of status 200 that is written piece by piece. */
  stream(head: Readonly<Record<string, string>>): BodyWriter;
  /** One answer as it is, if the client is still there and has none. */
  whole(status: number, headers: Readonly<Record<string, string>>, text: string): void;
  /** One JSON answer, if the client is still there and has none. */
  json(status: number, headers: Readonly<Record<string, string>>, value: object): void;
}
