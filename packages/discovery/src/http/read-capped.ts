/** Reads a body as UTF-8 up to `limit` bytes, then stops the transfer. */
export async function readCapped(response: Response, limit: number): Promise<{ text: string; isCut: boolean }> {
  if (response.body === null) return { text: "", isCut: false };
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), isCut: false };
    bytes += value.byteLength;
    if (bytes > limit) {
      reader.cancel().catch(() => {});
      return { text, isCut: true };
    }
    text += decoder.decode(value, { stream: true });
  }
}
