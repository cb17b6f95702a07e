import { errorFromLimit } from "@vllm/schema/internal";
import { parseObject } from "../parse-object.ts";

/** One event of a stream: its bytes as text, and the object in them. A comment has none. */
export interface EventFrame {
  raw: string;
  data: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Cuts the text of a stream into its events, wherever its pieces begin and end.
 *
 * @throws (when it is called) {VllmError} `RESPONSE_TOO_LARGE` for an event larger than `mostBytes`
 */
export function createFrameReader(mostBytes: number, url: string): (text: string) => EventFrame[] {
  let pending = "";
  let searched = 0;
  return (text) => {
    pending += text;
    const frames: EventFrame[] = [];
    let start = 0;
    for (;;) {
      const end = pending.indexOf("\n\n", Math.max(start, searched - 1));
      if (end < 0) break;
      frames.push(toFrame(pending.slice(start, end + 2)));
      start = end + 2;
      searched = start;
    }
    pending = pending.slice(start);
    if (pending.length > mostBytes) throw errorFromLimit("eventBytes", mostBytes, { url });
    searched = pending.length;
    return frames;
  };
}

function toFrame(raw: string): EventFrame {
  const line = raw.split("\n").find((each) => each.startsWith("data:"));
  return { raw, data: line === undefined ? undefined : parseObject(line.slice("data:".length)) };
}

/** An event as vLLM writes it on both routes. */
export function renderFrame(data: Readonly<Record<string, unknown>>): string {
  return `event: ${String(data["type"])}\ndata: ${JSON.stringify(data)}\n\n`;
}
