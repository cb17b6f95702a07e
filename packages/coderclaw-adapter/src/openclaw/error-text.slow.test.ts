import { expect, test } from "vitest";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { lastWordsOf, run, says } from "../../test/stream-harness.ts";

const start = useFakeServers();

test("hosts 6d: of a server that is silent altogether one learns that it is gone", async () => {
  const server = await start({ fail: { kind: "stall-before-headers", paths: /./ } });
  const ran = await run(server, says("Hello"), { settings: { firstTokenMs: 100 } });
  expect(lastWordsOf(ran)).toContain("does not answer /health either");
});
