import type { Fixture, Header } from "@vllm-tooling/fixtures";

/**
 * How a reply ends after its last byte: as its framing says, by closing or resetting the connection too early,
 * or not at all.
 */
export type ReplyEnd = "complete" | "close" | "reset" | "silence";

/** What goes back over the wire, before a transport (node:http or msw) puts it there. */
export interface Reply {
  /** HTTP status; 0 sends nothing and goes on to `end`. */
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly Header[];
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Waited for after the last chunk. */
  readonly end: ReplyEnd | Promise<ReplyEnd>;
  /** Where the bytes come from. */
  readonly source: string;
  /** Told once, when the reply is over or the client has gone. */
  readonly onClosed?: ((how: "ended" | "client-left") => void) | undefined;
}

/** A recorded exchange, to be played as it was. */
export function toReply(fixture: Fixture): Reply {
  const { status, reason, headers, chunks, end } = fixture.response;
  return { status, reason, headers, chunks, end: ends[end], source: fixture.id };
}

const ends = {
  complete: "complete",
  "eof-without-last-chunk": "close",
  "no-response": "close",
  refused: "reset",
  reset: "reset",
  timeout: "silence",
  "client-abort": "silence",
} as const satisfies Record<Fixture["response"]["end"], ReplyEnd>;

/** What is replaced, by which text. */
export type Replacement = readonly [from: string | RegExp, to: string];

/** The same reply with words of its JSON or text replaced, and its content-length put right. */
export function replaceInBody(reply: Reply, replacements: readonly Replacement[]): Reply {
  const text = replacements.reduce((result, [from, to]) => replace(result, from, to), readText(reply));
  return withBody(reply, new TextEncoder().encode(text));
}

function replace(text: string, from: string | RegExp, to: string): string {
  return typeof from === "string" ? text.replaceAll(from, () => to) : text.replace(from, () => to);
}

/** The same head with another body in one piece. */
export function withBody(reply: Reply, body: Uint8Array): Reply {
  const headers = reply.headers.map(([name, value]): Header =>
    name.toLowerCase() === "content-length" ? [name, String(body.length)] : [name, value],
  );
  return { ...reply, headers, chunks: body.length > 0 ? [body] : [] };
}

/** The body of a reply that is held in memory. */
export function readBytes(reply: Reply): Uint8Array {
  return Buffer.concat([...(reply.chunks as Iterable<Uint8Array>)]);
}

export function readText(reply: Reply): string {
  return new TextDecoder().decode(readBytes(reply));
}
