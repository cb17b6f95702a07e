import type { UpstreamAnswer } from "./ask-upstream.ts";

/** The text of an answer, and no more of it than that. */
export async function readAll(answer: UpstreamAnswer, mostBytes: number): Promise<string> {
  let all = "";
  for (;;) {
    const text = await answer.read();
    if (text === undefined) return all;
    all += text;
    if (all.length > mostBytes) {
      answer.close();
      return all.slice(0, mostBytes);
    }
  }
}

/** Headers that belong to one connection, or to a body that is written anew. */
const NOT_KEPT = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "content-encoding",
  "upgrade",
]);

/** Its headers, for the same text in another framing. */
export function toHead({ lines }: UpstreamAnswer): Record<string, string> {
  const kept = lines.filter(([name]) => !NOT_KEPT.has(name.toLowerCase()));
  return Object.fromEntries(kept);
}
