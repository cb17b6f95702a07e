import type { ChildProcess } from "node:child_process";
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Usage } from "./usage.ts";

export interface Load {
  streams: number;
  tokensEach: number;
  /** Tokens a second and stream. */
  perSecond: number;
  /** Thoughts and calls are looked for in the text, by the bridge and by the client: what costs most. */
  recovers: boolean;
  /** `relay` only copies bytes: the floor. */
  through: "bridge" | "relay";
  /** Before the last round, ms. V8 tidies up after 8 s in which nothing happens. */
  pauseMs: number;
}

export interface Latency {
  events: number;
  /** ms */
  p50: number;
  p99: number;
}

/** Rounds before the first one that counts: after one, the next was still cheaper than the one before it. */
const WARM_UPS = 4;

/** ms of CPU (user and system) between the first token and the last. */
export interface Cpu {
  between: number;
  /** Our client reading as many equal streams at the same time. */
  client: number;
}

export interface Measured {
  cpu: Cpu[];
  latency: { direct: Latency; through: Latency }[];
  /** One more round, after a pause in which nothing came: V8 uses it to give memory back, and has to begin anew. */
  cpuAfterPause: Cpu;
  /** Memory after all rounds, and after the streams were read once more: all that there is, and what is left when the garbage was collected. */
  memory: Pick<Usage, "rssMiB" | "heapMiB">[];
}

/**
 * The same streams direct, through the bridge and by our client, `count` times, each process on its own. Bridge and client live through all rounds, and
 * what they do before, with code that is not compiled yet, is not counted.
 *
 * Their CPU is measured at the same time, each with a server of its own: what else the machine does, and the reader of the bridge, hit both. These rounds
 * follow each other without a pause, as streams do on a server in use; what a pause costs is measured after them.
 *
 * Memory comes last: a collection that is asked for costs time, and throws away compiled code.
 *
 * @throws {Error} when a process ends, or is silent for much longer than the streams take
 */
export async function runLoad(load: Load, count: number): Promise<Measured> {
  const { streams, tokensEach, perSecond, recovers, through, pauseMs } = load;
  const limitMs = (tokensEach / perSecond) * 1000 * 3 + 30_000;
  const children: Child[] = [];
  const start = (name: string, words: readonly (string | number | boolean)[]): Child => {
    const child = new Child(name, words, limitMs);
    children.push(child);
    return child;
  };
  const startUpstream = async () => {
    const upstream = start("upstream-process.ts", [streams, tokensEach, perSecond]);
    const { port } = await upstream.next<{ port: number }>("port");
    return { upstream, baseUrl: `http://127.0.0.1:${port}/v1` };
  };
  try {
    const [ofBridge, ofClient] = [await startUpstream(), await startUpstream()];
    const bridge = start(`${through}-process.ts`, [ofBridge.baseUrl, recovers]);
    const { baseUrl: bridgeUrl } = await bridge.next<{ baseUrl: string }>("baseUrl");
    const client = start("client-process.ts", [ofClient.baseUrl, streams, recovers]);

    const readStreams = async (from: string): Promise<Latency> => {
      const reader = start("reader-process.ts", [from, streams]);
      const { latencies } = await reader.next<{ latencies: number[] }>("latencies");
      reader.stop();
      return toLatency(latencies);
    };
    const measureBoth = async () => {
      const cpu = Promise.all([measureCpu(ofBridge.upstream, bridge), measureCpu(ofClient.upstream, client)]);
      client.tell("read");
      const [[ofBetween, ofReading]] = await Promise.all([cpu, readStreams(bridgeUrl), client.next("texts")]);
      return { between: ofBetween, client: ofReading };
    };
    const repeat = async <Value>(measure: () => Promise<Value>): Promise<Value[]> => {
      const values: Value[] = [];
      while (values.length < count) values.push(await measure());
      return values;
    };

    for (let warmUp = 0; warmUp < WARM_UPS; warmUp += 1) await measureBoth();
    const cpu = await repeat(measureBoth);
    const latency = await repeat(async () => ({
      through: await readStreams(bridgeUrl),
      direct: await readStreams(ofBridge.baseUrl),
    }));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    const cpuAfterPause = await measureBoth();
    const memory = [await usageOf(bridge, "memory")];
    await readStreams(bridgeUrl);
    memory.push(await usageOf(bridge, "memory"));
    return { cpu, latency, cpuAfterPause, memory };
  } finally {
    for (const child of children) child.stop();
  }
}

function toLatency(latencies: readonly number[]): Latency {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN) / 1000;
  return { events: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** What a process uses between the first token and the last. */
async function measureCpu(upstream: Child, measured: Child): Promise<number> {
  await upstream.next("begin");
  const before = await usageOf(measured, "cpu");
  await upstream.next("end");
  return (await usageOf(measured, "cpu")).cpuMs - before.cpuMs;
}

async function usageOf(child: Child, what: "cpu" | "memory"): Promise<Usage> {
  child.tell(what);
  return (await child.next<{ usage: Usage }>("usage")).usage;
}

/** A process of the measurement. What it tells is an object; its death or its silence is an error, not a wait without an end. */
class Child {
  readonly #name: string;
  readonly #limitMs: number;
  readonly #process: ChildProcess;

  constructor(name: string, words: readonly (string | number | boolean)[], limitMs: number) {
    this.#name = name;
    this.#limitMs = limitMs;
    this.#process = fork(fileURLToPath(new URL(name, import.meta.url)), words.map(String), {
      execArgv: ["--conditions=@vllm/source", "--expose-gc"],
      env: { ...process.env, VLLM_API_KEY: "" },
    });
  }

  tell(word: string): void {
    this.#process.send(word);
  }

  /** The next message with this field. */
  next<Message extends object>(field: keyof Message & string): Promise<Message> {
    const child = this.#process;
    return new Promise((resolve, reject) => {
      const onMessage = (message: unknown) => {
        if (field in (message as Message)) finish(() => resolve(message as Message));
      };
      const fail = (what: string) =>
        finish(() => reject(new Error(`${this.#name} ${what} before it told "${field}".`)));
      const onExit = (code: number | null, signal: string | null) => fail(`ended (${code ?? signal})`);
      const timer = setTimeout(() => fail(`was silent for ${this.#limitMs / 1000} s`), this.#limitMs);
      function finish(settle: () => void): void {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit);
        settle();
      }
      child.on("message", onMessage).on("exit", onExit);
    });
  }

  stop(): void {
    this.#process.kill();
  }
}
