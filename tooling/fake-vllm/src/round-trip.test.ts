import { afterEach, describe, expect, test } from "vitest";
import { listFixtures, loadFixture, recordExchange } from "@vllm-tooling/fixtures";
import { startFakeVllm, type FakeVllm } from "./index.ts";

let server: FakeVllm | undefined;
afterEach(() => server?.close());

/** One of every kind: server configuration, status, streamed or not, and way of ending. */
const kinds = new Map<string, string>();
for (const entry of listFixtures({ path: "/v1/chat/completions" })) {
  const kind = [entry.version, entry.config, entry.status, entry.streamed, entry.end].join();
  if (entry.method === "POST" && !kinds.has(kind)) kinds.set(kind, entry.id);
}

describe("a fixture played by the fake server and recorded again", () => {
  test("is the same: status, headers with order and case, chunks, bytes, end", { timeout: 20_000 }, async () => {
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
      const { response, body } = await recordExchange(
        server.serverRoot,
        { method: "POST", path: "/v1/chat/completions", bodyText },
        // Long enough for all that comes before the silence, on a busy machine too.
        isSilent ? { timeoutMs: 400 } : {},
      );
      const seen = {
        status: response.status ?? 0,
        headers: response.headers,
        chunks: response.chunks.filter(Boolean),
        end: response.end,
      };
      const wanted = {
        status: recorded.status,
        headers: recorded.headers,
        chunks: recorded.chunks.map((chunk) => chunk.length),
        end: isSilent ? "timeout" : recorded.end === "refused" ? "no-response" : recorded.end,
      };
      if (JSON.stringify(seen) !== JSON.stringify(wanted) || !Buffer.from(recorded.body).equals(body))
        changed.push(`${id}: ${JSON.stringify(seen)} instead of ${JSON.stringify(wanted)}`);
    }
    expect(changed).toEqual([]);
    expect(kinds.size).toBeGreaterThan(60);
  });
});
