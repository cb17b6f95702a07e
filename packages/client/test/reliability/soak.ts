import { startFakeVllm, type FailureKind, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { createVllmClient, VllmError } from "@vllm/client";

export interface SoakSample {
  seconds: number;
  heapMiB: number;
  sockets: number;
}

export interface SoakResult {
  streams: number;
  faults: number;
  seed: number;
  /** In the order in which they ended. */
  latenciesMs: readonly { seconds: number; ms: number; isFault: boolean }[];
  samples: readonly SoakSample[];
  /** Streams whose end was not what their server's fault leads to. */
  wrong: number;
  socketsAfter: number;
}

const FAULTS: readonly FailureKind[] = [
  "reset-before-headers",
  "reset-after-bytes",
  "cut-after-bytes",
  "end-after-bytes",
  "bad-chunked",
  "garbage",
  "html-502",
  "busy-429",
  "engine-dies",
  "stall",
];

/** Many streams side by side on one client's settings, a third of them on servers that fail. */
export async function soak({
  streams,
  atOnce,
  seed,
}: {
  streams: number;
  atOnce: number;
  seed: number;
}): Promise<SoakResult> {
  const healthy = await startFakeVllm({});
  const failing = await Promise.all(FAULTS.map((fail) => startFakeVllm({ fail })));
  const start = performance.now();
  const secondsSince = () => (performance.now() - start) / 1000;
  const samples: SoakSample[] = [];
  const latenciesMs: { seconds: number; ms: number; isFault: boolean }[] = [];
  const random = toRandom(seed);
  const sample = () =>
    samples.push({
      seconds: secondsSince(),
      heapMiB: process.memoryUsage().heapUsed / 1024 / 1024,
      sockets: countSockets(),
    });
  const timer = setInterval(sample, 50);
  let wrong = 0;
  let faults = 0;
  let left = streams;
  const clients = new Map<FakeVllm, ReturnType<typeof createVllmClient>>();
  const clientOf = (server: FakeVllm) => {
    const known =
      clients.get(server) ?? createVllmClient({ baseUrl: server.baseUrl, apiKey: "", timeouts: { idleMs: 400 } });
    clients.set(server, known);
    return known;
  };
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const isFault = random() < 1 / 3;
      if (isFault) faults += 1;
      const server = isFault ? failing[Math.floor(random() * failing.length)]! : healthy;
      const began = performance.now();
      const hasFailed = await clientOf(server)
        .complete({ model: "lab/tiny", messages: [{ role: "user", content: "hello" }] })
        .then(
          () => false,
          (error: unknown) => VllmError.isInstance(error),
        );
      if (hasFailed !== isFault) wrong += 1;
      latenciesMs.push({ seconds: secondsSince(), ms: performance.now() - began, isFault });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  // Idle connections are closed after four to eight seconds.
  await new Promise((resolve) => setTimeout(resolve, 8500));
  sample();
  clearInterval(timer);
  const socketsAfter = countSockets();
  await Promise.all([healthy, ...failing].map((server) => server.close()));
  return { streams, faults, seed, latenciesMs, samples, wrong, socketsAfter };
}

/** Both ends are in this process. */
function countSockets(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
}

/** mulberry32 */
function toRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
