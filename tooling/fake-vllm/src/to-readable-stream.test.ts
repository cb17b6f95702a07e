import { expect, test } from "vitest";
import type { Reply } from "./reply.ts";
import { toReadableStream } from "./to-readable-stream.ts";

test("nothing more is read from a reply whose client has left", async () => {
  let pulled = 0;
  function* bytes(): Generator<Uint8Array> {
    for (; pulled < 10_000; pulled += 1) yield Uint8Array.of(0x78);
  }
  const reply: Reply = { status: 200, reason: "OK", headers: [], chunks: bytes(), end: "complete", source: "test" };
  const leaving = new AbortController();
  const how: string[] = [];
  const reader = toReadableStream(reply, leaving.signal, 0, (end) => how.push(end)).getReader();
  await reader.read();
  leaving.abort();
  // msw does go on reading.
  await expect(
    (async () => {
      while (!(await reader.read()).done);
    })(),
  ).rejects.toThrow("terminated");
  expect(pulled).toBeLessThan(10);
  expect(how).toEqual(["client-left"]);
});
