/** A tool call of an answer that an error ended. Nothing shows that it is whole: it must not be run. */
export interface PartialToolCall {
  id: string;
  name: string;
  arguments?: undefined;
  /** The model's own text, as far as it had come. */
  argumentsText: string;
  parseError?: { kind: string; message: string } | undefined;
  /** True when the call was found in the text. */
  recovered?: true | undefined;
}

/** What of an answer had arrived when an error ended it. */
export interface PartialAnswer {
  /** vLLM's request id and the served name that answered, once the answer had begun. */
  id?: string | undefined;
  model?: string | undefined;
  text: string;
  thinking: string;
  /** As far as they had come; none of them may be run. */
  toolCalls: readonly PartialToolCall[];
  /** As the server counted so far. */
  usage?: { prompt_tokens: number; completion_tokens?: number | null; total_tokens?: number | null } | undefined;
}
