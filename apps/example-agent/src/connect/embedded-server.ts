import type { EmbeddedServer } from "./find-server.ts";

/** Slow enough to be seen streaming, as a small model on a GPU is. */
const CHUNK_DELAY_MS = 12;

/** A server in this process that plays recorded bytes of a real vLLM. */
export async function startEmbeddedServer(): Promise<EmbeddedServer> {
  const { startFakeVllm } = await import("@vllm-tooling/fake-vllm");
  const server = await startFakeVllm({ chunkDelayMs: CHUNK_DELAY_MS });
  return {
    baseUrl: server.baseUrl,
    description: `An embedded server answers, at ${server.baseUrl}: it plays recorded bytes of a real vLLM.`,
    close: () => server.close(),
  };
}
