/**
 * How an answer ended, whatever word its server has for it.
 * - `complete`: the model ended it, or called tools
 * - `truncated`: the token limit ended it
 * - `filtered`: a content filter stopped it
 * - `repetitive`: the server stopped it because the model repeated itself (vLLM's `repetition_detection`)
 * - `unknown`: the server's word is not in this table; the answer comes with a warning `UNKNOWN_FINISH_REASON`
 */
export type AnswerEnding = "complete" | "truncated" | "filtered" | "repetitive" | "unknown";

/** The server's word, in lower case where it is a known one. The words of a failure never get here: they are errors. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | (string & {});

/** Words that report a failure, not an ending. */
export type FailureReason = (typeof WORDS.failed)[number];

/** A finish reason that was read, with what it stands for. */
export type Finish = { reason: FinishReason; ending: AnswerEnding } | { reason: FailureReason; ending: "failed" };

/**
 * The finish reasons of vLLM, OpenAI, and the servers and gateways that are taken for them. The one place that knows these words:
 * everything else decides by the ending.
 */
const WORDS = {
  complete: ["stop", "tool_calls", "function_call", "eos", "eos_token", "end_turn", "stop_sequence", "tool_use"],
  truncated: ["length", "max_tokens", "model_length"],
  filtered: ["content_filter"],
  repetitive: ["repetition"],
  failed: ["abort", "error", "network_error"],
} as const;

const ENDINGS = new Map<string, Finish["ending"]>(
  (Object.keys(WORDS) as (keyof typeof WORDS)[]).flatMap((ending) =>
    WORDS[ending].map((word) => [word, ending] as const),
  ),
);

/** From what proves most to what proves least. */
const ORDER: readonly Finish["ending"][] = ["complete", "truncated", "repetitive", "filtered", "unknown", "failed"];

/** Words for `complete` that every client of OpenAI's knows. */
const OPENAI_WORDS: ReadonlySet<string> = new Set(["stop", "tool_calls", "function_call"]);

/** Reads `finish_reason`. Null, an empty or blank text and anything that is not a text are no finish reason. */
export function readFinish(value: unknown): Finish | undefined {
  if (typeof value !== "string") return undefined;
  const word = value.trim().toLowerCase();
  if (word === "") return undefined;
  const ending = ENDINGS.get(word);
  return ending === undefined ? { reason: value, ending: "unknown" } : ({ reason: word, ending } as Finish);
}

/** Of two finish reasons of one answer: a later word may take trust away, but not restore it. Gateways add a `stop` of their own. */
export function joinFinishes(known: Finish | undefined, next: Finish): Finish {
  return known === undefined || ORDER.indexOf(next.ending) >= ORDER.indexOf(known.ending) ? next : known;
}

/** vLLM up to 0.30 says `tool_calls`, and gateways say `stop`, for an answer that its repetition detection stopped. */
export function refineEnding(ending: AnswerEnding, stopReason: unknown): AnswerEnding {
  return ending === "complete" && stopReason === "repetition_detected" ? "repetitive" : ending;
}

/** The answer was stopped somewhere: what comes last need not be whole. */
export function isCut(ending: AnswerEnding): boolean {
  return ending !== "complete" && ending !== "unknown";
}

/**
 * Whether a call in such an answer may be whole. Of an answer that was cut, the last one is not, even if its JSON parses: vLLM's
 * parsers close half a call by themselves. Under a word that nobody knows, nothing proves any.
 */
export function mayProveCall(ending: AnswerEnding, isLast: boolean): boolean {
  return ending === "complete" || (isCut(ending) && !isLast);
}

/**
 * The finish reason of an answer for programs that know only OpenAI's words: `stop`, `length`, `tool_calls`, `function_call` or
 * `content_filter`. An answer that was cut is never called `stop`: one that repeated itself is `length`.
 */
export function toOpenAIFinishReason(answer: {
  finishReason: FinishReason;
  ending: AnswerEnding;
  toolCalls: readonly { recovered?: true | undefined }[];
}): "stop" | "length" | "tool_calls" | "function_call" | "content_filter" {
  const { finishReason, ending, toolCalls } = answer;
  if (ending === "filtered") return "content_filter";
  if (isCut(ending)) return "length";
  if (ending === "unknown") return "stop";
  // Where the calls were found in the text, the server did not know of them.
  const isOpenAIs = OPENAI_WORDS.has(finishReason) && !toolCalls.some(({ recovered }) => recovered === true);
  if (isOpenAIs) return finishReason as "stop" | "tool_calls" | "function_call";
  return toolCalls.length > 0 ? "tool_calls" : "stop";
}
