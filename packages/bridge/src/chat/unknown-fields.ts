import type { VllmChatCompletionChunk } from "@vllm/client";

type Fields = Record<string, unknown>;

/** Fields of an answer that no event carries: a newer vLLM's, or a gateway's. */
export interface UnknownFields {
  /** Reads a chunk, or a whole answer that came in place of a stream. */
  read(chunk: VllmChatCompletionChunk): void;
  /** The model is asked again: what was read belongs to an answer that nobody gets. */
  reset(): void;
  readonly answer: Fields;
  choice(index: number): { choice: Fields; message: Fields };
}

const OF_ANSWER = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
  "system_fingerprint",
  "prompt_token_ids",
]);
const OF_CHOICE = new Set(["index", "delta", "message", "finish_reason", "stop_reason", "logprobs", "token_ids"]);
const OF_MESSAGE = new Set(["role", "content", "reasoning", "reasoning_content", "tool_calls"]);

/** Collects the fields of a streamed answer that a whole one shall have, too. */
export function collectUnknownFields(): UnknownFields {
  let answer: Fields = {};
  let choices = new Map<number, { choice: Fields; message: Fields }>();

  function find(index: number): { choice: Fields; message: Fields } {
    let known = choices.get(index);
    if (known === undefined) choices.set(index, (known = { choice: {}, message: {} }));
    return known;
  }

  return {
    read(chunk) {
      keep(answer, chunk, OF_ANSWER, replace);
      for (const each of Array.isArray(chunk.choices) ? (chunk.choices as unknown as (Fields | null)[]) : []) {
        if (typeof each !== "object" || each === null) continue;
        const { choice, message } = find(typeof each["index"] === "number" ? each["index"] : 0);
        keep(choice, each, OF_CHOICE, replace);
        keep(message, each["delta"] ?? each["message"], OF_MESSAGE, append);
      }
    },
    reset() {
      answer = {};
      choices = new Map();
    },
    get answer() {
      return answer;
    },
    choice: find,
  };
}

function keep(kept: Fields, from: unknown, known: ReadonlySet<string>, join: typeof append): void {
  if (typeof from !== "object" || from === null) return;
  for (const [name, value] of Object.entries(from)) {
    if (value === null || known.has(name)) continue;
    kept[name] = Object.hasOwn(kept, name) ? join(kept[name], value) : value;
  }
}

/** The chunks of an answer repeat its fields. */
function replace(_before: unknown, value: unknown): unknown {
  return value;
}

/** Deltas hold pieces. */
function append(before: unknown, value: unknown): unknown {
  if (typeof before === "string" && typeof value === "string") return before + value;
  return Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
}
