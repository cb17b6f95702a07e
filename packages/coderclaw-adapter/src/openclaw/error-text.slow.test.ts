import { expect } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { lastWordsOf, run, says } from "../../test/stream-harness.ts";

const start = useFakeServers();

verifies("agent/openclaw/silent-server", "/health does not answer either", async () => {
  const server = await start({ fail: { kind: "stall-before-headers", paths: /./ } });
  const ran = await run(server, says("Hello"), { settings: { firstTokenMs: 100 } });
  expect(lastWordsOf(ran)).toContain("does not answer /health either");
});
