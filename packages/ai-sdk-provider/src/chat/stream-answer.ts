import type { LanguageModelV4CallOptions, LanguageModelV4StreamResult, SharedV4Warning } from "@ai-sdk/provider";
import type { ChatEvent } from "@vllm/client";
import { toWarning } from "../to-warning.ts";
import { CallIds } from "./call-ids.ts";
import { PartQueue } from "./part-queue.ts";
import { startCall, type ModelContext, type StartedCall } from "./start-call.ts";
import { toStreamParts } from "./to-stream-parts.ts";

/** The AI SDK does not cancel the stream of a result whose loop was left: once nobody holds it any more, the server is stopped. */
const dropped =
  typeof FinalizationRegistry === "undefined" ? undefined : new FinalizationRegistry<() => void>((stop) => stop());

/**
 * An answer as a stream of parts. What goes wrong before its first piece is thrown, so that the AI SDK can send the request again; what goes
 * wrong later is an `error` part.
 */
export async function streamAnswer(
  context: ModelContext,
  served: string | undefined,
  options: LanguageModelV4CallOptions,
): Promise<LanguageModelV4StreamResult> {
  const queue = new PartQueue();
  const ids = new CallIds(options.prompt);
  const onRawChunk = options.includeRawChunks === true ? toRawParts(queue) : undefined;
  const call = startCall(context, served, options, onRawChunk);
  const { reply, response } = await readInto(queue, call, ids);
  const stream = queue.toStream((reason) => reply.abort(reason));
  dropped?.register(stream, () => reply.abort());
  return {
    stream,
    request: { url: call.url, body: response?.requestBody },
    response: { headers: { ...response?.headers } },
  };
}

function toRawParts(queue: PartQueue): (rawValue: unknown) => void {
  return (rawValue) => queue.push({ type: "raw", rawValue });
}

/** Fulfilled when the answer has begun; the rest of it goes into the queue. */
function readInto(queue: PartQueue, call: StartedCall, ids: CallIds): Promise<StartedCall> {
  const { reply, toError } = call;
  return new Promise((resolve, reject) => {
    const opening = new Opening(call.warnings);
    const onEvent = (event: ChatEvent): Promise<void> | undefined => {
      if (opening.isOver) for (const part of toStreamParts(event, ids)) queue.push(part);
      else if (opening.add(event)) {
        queue.push({ type: "stream-start", warnings: opening.warnings });
        for (const each of opening.events) for (const part of toStreamParts(each, ids)) queue.push(part);
        resolve(call);
      }
      return queue.whenRoom();
    };
    reply.forEach(onEvent).then(
      () => queue.close(),
      (error: unknown) => {
        const thrown = toError(error);
        if (!opening.isOver) reject(thrown);
        else if (isAbort(error)) queue.fail(thrown);
        else {
          queue.push({ type: "error", error: thrown });
          queue.close();
        }
      },
    );
  });
}

/** The events before the first piece of an answer, which say what the AI SDK shows as the call's warnings. */
class Opening {
  isOver = false;
  readonly events: ChatEvent[] = [];
  readonly warnings: SharedV4Warning[];

  constructor(warnings: readonly SharedV4Warning[]) {
    this.warnings = [...warnings];
  }

  /** True when that was the first piece. */
  add(event: ChatEvent): boolean {
    this.events.push(event);
    if (event.type === "warning") this.warnings.push(toWarning(event.warning));
    this.isOver = event.type !== "warning" && event.type !== "start";
    return this.isOver;
  }
}

function isAbort(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === "ABORTED";
}
