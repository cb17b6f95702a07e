import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { discoverServer, type ServerReport } from "@vllm/discovery";
import { probeStrictTools } from "@vllm/discovery/internal";
import { expect, test } from "vitest";

const strictOf = (request: { body: unknown }) =>
  (request.body as { tools?: { function: { strict?: boolean } }[] } | undefined)?.tools?.map(
    (tool) => tool.function.strict,
  );

test("vLLM is asked three times for each base model, and generates nothing", async () => {
  await using fake = await startFakeVllm();
  const { baseUrl } = fake;
  const report = await discoverServer({ baseUrl });
  const before = fake.requests.length;
  const found = await probeStrictTools(report, { baseUrl });
  const asked = fake.requests.slice(before);
  expect(asked.flatMap((each) => strictOf(each)).filter((mark) => mark === true)).toHaveLength(2);
  expect(asked).toHaveLength(3);
  expect(asked.every(({ headers }) => headers["x-data-parallel-rank"] === "999999")).toBe(true);
  for (const { id } of report.models) expect(found.get(id)).toMatchObject({ source: "probed" });
});

test.each([
  { kind: "vllm-router" as const },
  { state: "locked" as const },
  // It would answer.
  { version: "0.9.2" },
  { version: undefined },
  { capabilities: { tokenize: { status: "unknown" } } as ServerReport["capabilities"] },
])("nothing is asked of %o", async (fact) => {
  await using fake = await startFakeVllm();
  const { baseUrl } = fake;
  const report = await discoverServer({ baseUrl });
  const before = fake.requests.length;
  expect(await probeStrictTools({ ...report, ...fact }, { baseUrl })).toEqual(new Map());
  expect(fake.requests).toHaveLength(before);
});

test("a server that goes away tells nothing", async () => {
  const fake = await startFakeVllm();
  const { baseUrl } = fake;
  const report = await discoverServer({ baseUrl });
  await fake.close();
  expect(await probeStrictTools(report, { baseUrl })).toEqual(new Map());
});

test("a server that ignores the mark does not hold calls to anything", async () => {
  const message = "data_parallel_rank 999999 is out of range [0, 1).";
  await using fake = await startFakeVllm();
  const report = await discoverServer({ baseUrl: fake.baseUrl });
  const server = createServer((request, response) => {
    request.resume();
    response
      .writeHead(400, { "content-type": "application/json" })
      .end(JSON.stringify({ error: { message, code: 400 } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const apiRoot = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const found = await probeStrictTools({ ...report, apiRoot }, { baseUrl: apiRoot });
  server.close();
  expect([...found.values()].map(({ value }) => value)).toEqual(report.models.map(() => "no"));
});
