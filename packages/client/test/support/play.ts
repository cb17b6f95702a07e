import type { Fixture } from "@vllm-tooling/fixtures";
import type { FetchFunction } from "@vllm/client";

export interface Playback {
  pieces: Iterable<Uint8Array>;
  status?: number;
  headers?: Record<string, string>;
  /** How the body ends: as its framing says, by a broken connection, or not at all. */
  end?: "complete" | "broken" | "silence";
}

/** A `fetch` that answers each request with the next playback, the last one from then on. */
export function playing(...playbacks: (Playback | (() => Playback))[]): FetchFunction & { requests: SentRequest[] } {
  const requests: SentRequest[] = [];
  let turn = 0;
  const fetch: FetchFunction = async (url, init) => {
    requests.push({ url, headers: init.headers, body: init.body === undefined ? undefined : JSON.parse(init.body) });
    const next = playbacks[Math.min(turn, playbacks.length - 1)];
    turn += 1;
    const { pieces, status = 200, headers, end = "complete" } = typeof next === "function" ? next() : next!;
    return new Response(toStream(pieces, end, init.signal), {
      status,
      headers: headers ?? { "content-type": "text/event-stream; charset=utf-8" },
    });
  };
  return Object.assign(fetch, { requests });
}

export interface SentRequest {
  url: string;
  headers: Record<string, string>;
  body: Record<string, unknown> | undefined;
}

/** A recorded exchange; its pieces are the recorded HTTP chunks unless others are given. */
export function toPlayback(fixture: Fixture, pieces: Iterable<Uint8Array> = fixture.response.chunks): Playback {
  const { status, headers, end } = fixture.response;
  const ends = { complete: "complete", timeout: "silence", "client-abort": "silence" } as const;
  return {
    pieces,
    status,
    headers: Object.fromEntries(headers.filter(([name]) => !/^(transfer-encoding|content-length)$/i.test(name))),
    end: ends[end as keyof typeof ends] ?? "broken",
  };
}

/** How many answers the recorded request asked for. */
export function choicesOf({ request }: Fixture): number {
  return (request.body as { n?: number | null } | undefined)?.n ?? 1;
}

function toStream(pieces: Iterable<Uint8Array>, end: string, signal: AbortSignal): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      for (;;) {
        const { done, value } = iterator.next();
        if (done === true) break;
        // An empty piece is no piece for a web stream.
        if (value.length === 0) continue;
        controller.enqueue(new Uint8Array(value));
        return undefined;
      }
      if (end === "complete") controller.close();
      else if (end === "broken") controller.error(new TypeError("terminated"));
      else return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      return undefined;
    },
  });
}
