import type { FakeVllm, FakeVllmOptions } from "./start-fake-vllm.ts";
import { startFakeVllm } from "./start-fake-vllm.ts";
import { afterEach } from "vitest";

/**
 * What starts servers that are closed after each test. Each test file calls it itself: test files share their modules, so a hook that a
 * module sets while it loads would hold for the first of them only.
 */
export function useFakeServers(): (options?: FakeVllmOptions) => Promise<FakeVllm> {
  const servers: FakeVllm[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  return async (options = {}) => {
    const server = await startFakeVllm(options);
    servers.push(server);
    return server;
  };
}
