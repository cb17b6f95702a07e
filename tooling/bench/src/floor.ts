/** The least a program can do with a transport: split at blank lines, `JSON.parse`. No events, no checks, no errors. */
import type { RunStream } from "./request.ts";
import { feedChunk, MESSAGES, MODEL, withTools } from "./request.ts";

type Post = (
  url: string,
  init: { headers: Record<string, string>; body: string },
  onData: (bytes: Buffer) => void,
) => Promise<void>;

export function floorClient(post: Post, server: string): RunStream {
  return (sink, shape) => {
    const body = JSON.stringify({
      model: MODEL,
      messages: MESSAGES,
      stream: true,
      stream_options: { include_usage: true },
      ...withTools(shape),
    });
    let rest: Buffer = Buffer.alloc(0);
    return post(
      `${server}/${shape}/v1/chat/completions`,
      { headers: { "content-type": "application/json", authorization: "Bearer x" }, body },
      (bytes) => {
        const buffer = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
        let from = 0;
        for (let end = buffer.indexOf("\n\n", from); end >= 0; end = buffer.indexOf("\n\n", from)) {
          const data = buffer.toString("utf8", from + 6, end);
          if (data !== "[DONE]") feedChunk(sink, JSON.parse(data));
          from = end + 2;
        }
        rest = buffer.subarray(from);
      },
    );
  };
}
