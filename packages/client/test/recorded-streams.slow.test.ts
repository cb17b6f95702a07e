import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { describe, test } from "vitest";
import { checkChunkings, checkCuts } from "./support/check-pieces.ts";

/** What `recorded-streams.test.ts` does with a few pieces and cuts, with many. */
describe.each(listFixtures({ path: "/v1/chat/completions", streamed: true }).map((entry) => entry.id))("%s", (id) => {
  const { body } = loadFixture(id).response;

  test("seven chunkings", () => {
    checkChunkings(body, [body.length > 20_000 ? [100, 1] : [1], [7, 300], [body.length + 1], 1, 2, 3]);
  });

  test("fifty cuts", () => checkCuts(body, 50));
});
