import { afterEach, describe, expect, test } from "vitest";
import { listFixtures, loadFixture, recordExchange } from "@vllm-tooling/fixtures";
import { startFakeVllm, type FakeVllm } from "../src/index.ts";

let server: FakeVllm | undefined;
afterEach(() => server?.close());

/** One of every kind: server configuration, status, streamed or not, and way of ending. */
const kinds = new Map<string, string>();
for (const entry of listFixtures({ path: "/v1/chat/completions" })) {
  const kind = [entry.version, entry.config, entry.status, entry.streamed, entry.end].join();
  if (entry.method === "POST" && !kinds.has(kind)) kinds.set(kind, entry.id);
}

describe("a fixture played by the fake server and recorded again", () => {
  test("is the same: status, headers with order and case, chunks, bytes, end", async () => {
    let playing = "";
    server = await startFakeVllm({ scenario: () => playing });
    const changed: string[] = [];
    for (const id of kinds.values()) {
      playing = id;
      const { response: recorded } = loadFixture(id);
      const isSilent = recorded.end === "timeout" || recorded.end === "client-abort";
      const bodyText = JSON.stringify({
        model: server.model,
        messages: [{ role: "user", content: "Hi" }],
        stream: true,
      });
      const wanted = {
        status: recorded.status,
        headers: recorded.headers,
        chunks: recorded.chunks.map((chunk) => chunk.length),
        end: isSilent ? "timeout" : recorded.end === "refused" ? "no-response" : recorded.end,
      };
      let difference: string | undefined;
      // What comes before a silence may come late on a busy machine, so that there is a longer second look.
      for (const timeoutMs of isSilent ? [400, 10_000] : [undefined]) {
        const { response, body } = await recordExchange(
          server.serverRoot,
          { method: "POST", path: "/v1/chat/completions", bodyText },
          timeoutMs === undefined ? {} : { timeoutMs },
        );
        const seen = {
          status: response.status ?? 0,
          headers: response.headers,
          chunks: response.chunks.filter(Boolean),
          end: response.end,
        };
        const isSame = JSON.stringify(seen) === JSON.stringify(wanted) && Buffer.from(recorded.body).equals(body);
        difference = isSame ? undefined : `${id}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`;
        if (isSame) break;
      }
      if (difference !== undefined) changed.push(difference);
    }
    expect(changed).toEqual([]);
    expect(kinds.size).toBeGreaterThan(60);
  });
});
