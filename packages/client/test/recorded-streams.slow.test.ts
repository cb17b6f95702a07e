import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { createVllmClient } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { checkChunkings, checkCuts } from "./support/check-pieces.ts";
import { collect } from "./support/collect.ts";
import { playing, toPlayback } from "./support/play.ts";

/** What `recorded-streams.test.ts` does with a few pieces and cuts, with many. */
describe.each(listFixtures({ path: "/v1/chat/completions", streamed: true }).map((entry) => entry.id))("%s", (id) => {
  const fixture = loadFixture(id);
  const { body } = fixture.response;

  test("seven chunkings", () => {
    checkChunkings(body, [body.length > 20_000 ? [100, 1] : [1], [7, 300], [body.length + 1], 1, 2, 3]);
  });

  test("fifty cuts", () => checkCuts(body, 50));

  test("forEach hands over what an iteration does, and ends as it does", async () => {
    const client = createVllmClient({
      fetch: playing(toPlayback(fixture)),
      timeouts: { firstTokenMs: 200, idleMs: 200 },
      retry: { maxRetries: 0 },
    });
    const chat = () => client.chat({ model: "tiny", messages: [] });
    const iterated = await collect(chat());
    const events: unknown[] = [];
    const [ended] = await Promise.allSettled([chat().forEach((event) => events.push(event))]);
    expect(events).toEqual(iterated.events);
    if (ended.status === "fulfilled") expect(ended.value).toEqual(iterated.result);
    else expect(ended.reason).toMatchObject({ code: iterated.error?.code, message: iterated.error?.message });
  });
});
