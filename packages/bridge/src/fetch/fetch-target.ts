import type { AnswerTarget, BodyWriter } from "../chat/answer-target.ts";

/** The `Response` of a fetch, as a place for answers. */
export interface FetchTarget extends AnswerTarget {
  /** What the fetch gives back; it comes with the head of the answer. */
  readonly response: Promise<Response>;
  /** The reader stopped reading, or the caller has aborted. */
  readonly hasLeft: boolean;
  /** Status of the answer; 0 before there is one. */
  readonly status: number;
  /** An answer that is whole already. */
  respond(response: Response): void;
  /** The caller has aborted: rejects the fetch, or breaks the body off, for this reason. */
  abort(reason: unknown): void;
}

/** Bytes that wait for a slow reader before vLLM has to wait, too. */
const HIGH_WATER_BYTES = 65_536;
const encoder = new TextEncoder();

/** `onLeave` is called when the reader of a streamed answer stops reading it. */
export function createFetchTarget(onLeave: () => void): FetchTarget {
  let isOver = false;
  let hasLeft = false;
  let status = 0;
  let body: ReadableStreamDefaultController<Uint8Array> | undefined;
  let catchUp: (() => void) | undefined;
  let resolve!: (response: Response) => void;
  let reject!: (reason: unknown) => void;
  const answered = new Promise<Response>((onResponse, onReason) => {
    resolve = onResponse;
    reject = onReason;
  });

  function respond(response: Response): void {
    if (status !== 0 || isOver) return;
    ({ status } = response);
    resolve(response);
  }

  function letGo(): void {
    catchUp?.();
    catchUp = undefined;
  }

  function leave(): void {
    isOver = true;
    hasLeft = true;
    letGo();
  }

  function stream(head: Readonly<Record<string, string>>): BodyWriter {
    let pending = "";
    let catchingUp: Promise<void> | undefined;

    function start(): void {
      const readable = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            body = controller;
          },
          pull: letGo,
          cancel() {
            leave();
            onLeave();
          },
        },
        new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }),
      );
      respond(new Response(readable, { headers: head }));
    }

    function flush(): void {
      const text = pending;
      pending = "";
      if (text === "" || isOver) return;
      if (body === undefined) start();
      body?.enqueue(encoder.encode(text));
      if ((body?.desiredSize ?? 0) > 0) return;
      catchingUp ??= new Promise<void>((go) => (catchUp = go)).finally(() => (catchingUp = undefined));
    }

    return {
      write(text) {
        if (pending === "") queueMicrotask(flush);
        pending += text;
        return catchingUp;
      },
      end() {
        flush();
        if (isOver) return;
        isOver = true;
        body?.close();
      },
    };
  }

  return {
    response: answered,
    get isOver() {
      return isOver;
    },
    get hasLeft() {
      return hasLeft;
    },
    get status() {
      return status;
    },
    stream,
    whole(code, headers, text) {
      respond(new Response(text, { status: code, headers }));
      isOver = true;
    },
    json(code, headers, value) {
      respond(Response.json(value, { status: code, headers }));
      isOver = true;
    },
    respond(response) {
      respond(response);
      isOver = true;
    },
    abort(reason) {
      if (isOver) return;
      leave();
      if (body === undefined) reject(reason);
      else body.error(reason);
    },
  };
}
