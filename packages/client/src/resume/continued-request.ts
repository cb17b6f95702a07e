import type { Continuation } from "../chat/request-plan.ts";
import type { ChatMessage } from "../request/index.ts";

/** What had come of an answer when its server went away. */
export interface BegunAnswer {
  text: string;
  thinking: string;
}

/** The request as it was before any of its answer was there. */
export interface OriginalRequest {
  messages: readonly ChatMessage[];
  /** The caller had the model go on with the last message (`continue_final_message`). */
  wasPrefilled: boolean;
}

/** The request whose answer goes on where this one's ended; undefined when the messages do not allow it. */
export function toContinuedRequest(
  { messages, wasPrefilled }: OriginalRequest,
  { text, thinking }: BegunAnswer,
): Continuation | undefined {
  const fields = { continue_final_message: true, add_generation_prompt: false };
  const reasoning = thinking === "" ? {} : { reasoning: thinking };
  if (!wasPrefilled) {
    return { messages: [...messages, { role: "assistant", content: text, ...reasoning } as ChatMessage], fields };
  }
  const last = messages.at(-1);
  if (last?.role !== "assistant" || typeof last.content !== "string") return undefined;
  return { messages: [...messages.slice(0, -1), { ...last, content: last.content + text }], fields };
}

/** The limits of the output, less what was used; undefined when nothing is left. */
export function toRemainingLimits(
  body: Readonly<Record<string, unknown>>,
  usedTokens: number,
): Readonly<Record<string, number>> | undefined {
  const limits: Record<string, number> = {};
  for (const field of ["max_tokens", "max_completion_tokens", "min_tokens"]) {
    const limit = body[field];
    if (typeof limit !== "number") continue;
    const left = limit - usedTokens;
    if (left <= 0 && field !== "min_tokens") return undefined;
    limits[field] = Math.max(0, left);
  }
  return limits;
}
