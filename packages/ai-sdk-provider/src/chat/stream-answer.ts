import type {
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
  SharedV4Warning,
} from "@ai-sdk/provider";
import type { ChatEvent } from "@vllm/client";
import { toWarning } from "../call/to-warning.ts";
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
  const opening = new Opening(queue);
  const onRawChunk = (rawValue: unknown) => opening.push([{ type: "raw", rawValue }]);
  const call = startCall(context, served, options, options.includeRawChunks === true ? onRawChunk : undefined);
  await readInto(opening, call, ids);
  const { url, response, abort } = call;
  const stream = queue.toStream(abort);
  dropped?.register(stream, abort);
  return {
    stream,
    request: { url, body: response?.requestBody },
    response: { headers: { ...response?.headers } },
  };
}

/** Fulfilled when the answer has begun; the rest of it goes into the queue. */
function readInto(opening: Opening, { read, warnings, toError }: StartedCall, ids: CallIds): Promise<void> {
  const { queue } = opening;
  return new Promise((resolve, reject) => {
    const onEvent = (event: ChatEvent): Promise<void> | undefined => {
      if (!opening.isOver) {
        if (event.type === "warning") warnings.push(toWarning(event.warning));
        else if (event.type !== "start") {
          opening.end(warnings);
          resolve();
        }
      }
      opening.push(toStreamParts(event, ids));
      return queue.whenRoom();
    };
    read(onEvent).then(
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

/** Keeps what comes before the first piece of an answer, until the warnings are known that a stream begins with. */
class Opening {
  isOver = false;
  readonly queue: PartQueue;
  private readonly early: LanguageModelV4StreamPart[] = [];

  constructor(queue: PartQueue) {
    this.queue = queue;
  }

  push(parts: readonly LanguageModelV4StreamPart[]): void {
    if (this.isOver) for (const part of parts) this.queue.push(part);
    else this.early.push(...parts);
  }

  end(warnings: SharedV4Warning[]): void {
    this.isOver = true;
    this.push([{ type: "stream-start", warnings }, ...this.early]);
  }
}

function isAbort(error: unknown): boolean {
  return (error as { code?: unknown } | undefined)?.code === "ABORTED";
}
