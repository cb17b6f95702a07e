export interface ReadText {
  text: string;
  /** True when the body was longer than the limit; the rest was not received. */
  isTruncated: boolean;
}

/** Reads a body as UTF-8 up to a limit, then stops the transfer: an answer that is read whole has no end but its sender's. */
export async function readText(response: Response, mostBytes: number): Promise<ReadText> {
  if (response.body === null) return { text: "", isTruncated: false };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  // Joined at the end: a text that grows by single characters takes thirty times its size.
  const pieces: string[] = [];
  let room = mostBytes;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: pieces.join("") + decoder.decode(), isTruncated: false };
    pieces.push(decoder.decode(value.subarray(0, room), { stream: true }));
    room -= value.byteLength;
    if (room >= 0) continue;
    reader.cancel().catch(() => {});
    return { text: pieces.join(""), isTruncated: true };
  }
}
