import { VllmError, type ChatEvent, type ChatPartial, type ChatReply, type ChatResult } from "@vllm/client";

export interface Collected {
  events: ChatEvent<unknown>[];
  /** The error that ended the iteration. */
  error: VllmError | undefined;
  result: ChatResult<unknown> | undefined;
}

/** Reads a reply to its end both ways at once, and checks that they tell the same and that it ends exactly once. */
export async function collect(reply: ChatReply<unknown>): Promise<Collected> {
  const events: ChatEvent<unknown>[] = [];
  let error: unknown;
  const whole = reply.result().then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  );
  try {
    for await (const event of reply) events.push(event);
  } catch (thrown) {
    error = thrown;
  }
  const settled = await whole;
  const ends = events.filter((event) => event.type === "done").length + (error === undefined ? 0 : 1);
  if (ends !== 1) throw new Error(`The reply ended ${ends} times.`);
  if (error !== undefined) {
    if (!VllmError.isInstance(error)) throw error;
    if (!("reason" in settled) || settled.reason !== error) throw new Error("result() rejected with something else.");
    return { events, error, result: undefined };
  }
  if (!("value" in settled)) throw new Error("result() rejected, but the iteration ended well.");
  const done = events.at(-1);
  if (done?.type !== "done") throw new Error("done is not the last event.");
  return { events, error: undefined, result: settled.value };
}

export function partialOf(error: VllmError | undefined): ChatPartial {
  return error?.partial as ChatPartial;
}

/** Events without how the text was cut into pieces: what must be the same however the bytes were cut. */
export function mergeDeltas(events: readonly ChatEvent<unknown>[]): ChatEvent<unknown>[] {
  const merged: ChatEvent<unknown>[] = [];
  for (const event of events) {
    const last = merged.at(-1);
    if (
      last !== undefined &&
      "delta" in event &&
      "delta" in last &&
      last.type === event.type &&
      last.choiceIndex === event.choiceIndex &&
      last.contentIndex === event.contentIndex
    ) {
      merged[merged.length - 1] = { ...last, delta: last.delta + event.delta };
    } else merged.push(event);
  }
  return merged;
}
