import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkAnswer, createFuzzedClient, fuzzAnswers, wholeAnswers } from "./support/fuzz-answers.ts";

/** `hostile-answers.slow.test.ts` does the same a hundred times as often. */
describe("a whole answer of any shape, size and depth ends its reply once, and nothing is thrown elsewhere", () => {
  test.each(["application/json", "text/event-stream", "text/plain"])("labelled %s", async (contentType) => {
    await fuzzAnswers(500, contentType);
  });

  test("from a socket, plain or compressed", async () => {
    let body: string | Uint8Array = "";
    let isPacked = false;
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader("content-type", "application/json");
      if (isPacked) response.setHeader("content-encoding", "gzip");
      response.end(isPacked ? gzipSync(body) : body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = createFuzzedClient({ baseUrl });
    await fc.assert(
      fc.asyncProperty(wholeAnswers, fc.boolean(), async (answer, isGzip) => {
        body = answer;
        isPacked = isGzip;
        await checkAnswer(client);
      }),
      { numRuns: 300 },
    );
    server.closeAllConnections();
    server.close();
  });
});

test("the kinds of answers are all made", () => {
  const samples = fc.sample(wholeAnswers, { numRuns: 400, seed: 1 }).map((answer) => {
    return typeof answer === "string" ? answer : new TextDecoder().decode(answer);
  });
  const count = (isIt: (text: string) => boolean) => samples.filter(isIt).length;
  expect(count((text) => text.includes("[[[[[["))).toBeGreaterThan(5);
  expect(count((text) => text.length > 50_000)).toBeGreaterThan(5);
  expect(count((text) => text.includes('"tool_calls"'))).toBeGreaterThan(50);
  expect(count((text) => text.includes("\uFFFD"))).toBeGreaterThan(5);
  expect(count((text) => text.startsWith('{"id":"chatcmpl-'))).toBeGreaterThan(100);
});
