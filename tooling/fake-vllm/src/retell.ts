import { readText, withBody, type Reply } from "./reply.ts";

type Replacement = readonly [from: string, to: string];

interface Delta {
  content?: string | null;
  reasoning?: string | null;
}

interface ChunkLike {
  choices?: { delta?: Delta; message?: Delta }[];
}

const fields = ["content", "reasoning"] as const;

/**
 * The same answer with other words in its text and its thought: the model repeats a tool's result, and the one of today is
 * not the recorded one. Events, their order and all else stay as recorded; the new words are spread over the same events.
 */
export function retell(reply: Reply, replacements: readonly Replacement[]): Reply {
  const needed = replacements.filter(([from, to]) => from !== to && from !== "");
  if (needed.length === 0) return reply;
  const isStream = reply.headers.some(
    ([name, value]) => name.toLowerCase() === "content-type" && value.startsWith("text/event-stream"),
  );
  return isStream ? retellStream(reply, needed) : retellMessage(reply, needed);
}

function retellMessage(reply: Reply, replacements: readonly Replacement[]): Reply {
  const answer = JSON.parse(readText(reply)) as ChunkLike;
  const message = answer.choices?.[0]?.message;
  for (const field of fields) {
    if (message?.[field])
      message[field] = replacements.reduce((text, [from, to]) => text.replaceAll(from, () => to), message[field]);
  }
  return withBody(reply, new TextEncoder().encode(JSON.stringify(answer)));
}

function retellStream(reply: Reply, replacements: readonly Replacement[]): Reply {
  const chunks = [...(reply.chunks as Iterable<Uint8Array>)];
  const events = chunks.map((chunk) => parseEvent(new TextDecoder().decode(chunk)));
  const changed = new Set<number>();
  for (const field of fields) {
    const pieces = events.map((event) => event?.choices?.[0]?.delta?.[field] ?? "");
    const retold = replacements.reduce(replaceAcross, pieces);
    for (const [index, piece] of retold.entries()) {
      const delta = events[index]?.choices?.[0]?.delta;
      if (!delta || piece === pieces[index]) continue;
      delta[field] = piece;
      changed.add(index);
    }
  }
  return {
    ...reply,
    chunks: chunks.map((chunk, index) =>
      changed.has(index) ? new TextEncoder().encode(`data: ${JSON.stringify(events[index])}\n\n`) : chunk,
    ),
  };
}

function parseEvent(text: string): ChunkLike | undefined {
  return text.startsWith("data: {") ? (JSON.parse(text.slice("data: ".length)) as ChunkLike) : undefined;
}

/** Replaces a text that lies across pieces; the new one takes the same pieces. */
function replaceAcross(pieces: readonly string[], [from, to]: Replacement): string[] {
  const result = [...pieces];
  let searchFrom = 0;
  for (;;) {
    const start = result.join("").indexOf(from, searchFrom);
    if (start === -1) return result;
    spread(result, start, start + from.length, to);
    searchFrom = start + to.length;
  }
}

/** Puts `to` in place of what stands between two places, in even parts. */
function spread(pieces: string[], start: number, end: number, to: string): void {
  let offset = 0;
  const touched: { index: number; keepBefore: string; keepAfter: string }[] = [];
  for (const [index, piece] of pieces.entries()) {
    const [from, until] = [Math.max(0, start - offset), Math.min(piece.length, end - offset)];
    if (from < until) touched.push({ index, keepBefore: piece.slice(0, from), keepAfter: piece.slice(until) });
    offset += piece.length;
  }
  const letters = [...to];
  const share = Math.ceil(letters.length / touched.length);
  for (const [turn, { index, keepBefore, keepAfter }] of touched.entries()) {
    pieces[index] = keepBefore + letters.slice(turn * share, (turn + 1) * share).join("") + keepAfter;
  }
}
