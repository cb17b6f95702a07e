/** The text of a response whose body is short; of a longer one only its start, and the rest is not received. */
export async function readText(response: Response, mostBytes: number): Promise<string> {
  if (response.body === null) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let room = mostBytes;
  while (room > 0) {
    const { done, value } = await reader.read();
    if (done) return pieces.join("") + decoder.decode();
    pieces.push(decoder.decode(value.subarray(0, room), { stream: true }));
    room -= value.byteLength;
  }
  reader.cancel().catch(() => {});
  return pieces.join("");
}
