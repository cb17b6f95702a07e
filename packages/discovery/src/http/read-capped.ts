/** Reads a body as UTF-8 up to `limit` bytes, then stops the transfer. */
export async function readCapped(response: Response, limit: number): Promise<{ text: string; isCut: boolean }> {
  if (response.body === null) return { text: "", isCut: false };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  // Joined at the end: a text that grows by single characters takes thirty times its size.
  const pieces: string[] = [];
  let room = limit;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    pieces.push(decoder.decode(value.subarray(0, room), { stream: true }));
    room -= value.byteLength;
    if (room >= 0) continue;
    reader.cancel().catch(() => {});
    return { text: pieces.join(""), isCut: true };
  }
  return { text: pieces.join("") + decoder.decode(), isCut: false };
}
