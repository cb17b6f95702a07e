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
}

export interface Latency {
  events: number;
  /** ms */
  p50: number;
  p99: number;
}

/** One round: the same streams read direct, through the bridge and by our client, one after the other. */
export interface Round {
  direct: Latency;
  bridged: Latency;
  /** ms of CPU (user and system) between the first token and the last. */
  bridgeCpuMs: number;
  /** Our client reading the same streams. */
  clientCpuMs: number;
  /** Memory of the bridge after the round: all that it has, and what is left after the garbage was collected. */
  rssMiB: number;
  heapMiB: number;
}

/**
 * The same streams read direct, through the bridge and by our client, `rounds` times in turn, each process on its own. Bridge and client
 * live through all rounds, and what they do in a first one, with code that is not compiled yet, is not counted.
 *
 * @throws {Error} when a process ends, or is silent for much longer than the streams take
 */
export async function runLoad(
  load: Load,
  rounds: number,
  onRound: (round: Round) => void = () => {},
): Promise<Round[]> {
  const { streams, tokensEach, perSecond, recovers } = load;
  const limitMs = (tokensEach / perSecond) * 1000 * 3 + 30_000;
  const children: Child[] = [];
  const start = (name: string, words: readonly (string | number | boolean)[]): Child => {
    const child = new Child(name, words, limitMs);
    children.push(child);
    return child;
  };
  try {
    const upstream = start("upstream-process.ts", [streams, tokensEach, perSecond]);
    const { port } = await upstream.next<{ port: number }>("port");
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    const bridge = start("bridge-process.ts", [baseUrl, recovers]);
    const { baseUrl: bridgeUrl } = await bridge.next<{ baseUrl: string }>("baseUrl");
    const client = start("client-process.ts", [baseUrl, streams, recovers]);

    const readStreams = async (from: string): Promise<Latency> => {
      const reader = start("reader-process.ts", [from, streams]);
      const { latencies } = await reader.next<{ latencies: number[] }>("latencies");
      reader.stop();
      return toLatency(latencies);
    };
    const readBridged = async () => {
      const cpu = measureCpu(upstream, bridge);
      const [bridged, bridgeCpuMs] = await Promise.all([readStreams(bridgeUrl), cpu]);
      return { bridged, bridgeCpuMs };
    };
    const readWithClient = async () => {
      client.tell("read");
      const [clientCpuMs] = await Promise.all([measureCpu(upstream, client), client.next("texts")]);
      return { clientCpuMs };
    };

    await readBridged();
    await readWithClient();
    const measured: Round[] = [];
    for (let count = 0; count < rounds; count += 1) {
      const direct = await readStreams(baseUrl);
      // Which of the two goes first changes with each round: what else the machine does hits both.
      const first = count % 2 === 0 ? await readBridged() : await readWithClient();
      const second = count % 2 === 0 ? await readWithClient() : await readBridged();
      const { rssMiB, heapMiB } = await usageOf(bridge, "memory");
      const round = { direct, ...first, ...second, rssMiB, heapMiB } as Round;
      measured.push(round);
      onRound(round);
    }
    return measured;
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
