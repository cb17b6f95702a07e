/** One process, one client, one shape: prints a line of JSON. CPU is the whole process's (user + system), without the warm-up. */
import { parseArgs } from "node:util";
import { CLIENTS } from "./clients.ts";
import type { ShapeName } from "./shapes.ts";
import { SHAPES } from "./shapes.ts";
import { digestOf, Sink } from "./sink.ts";

export interface Measurement {
  client: string;
  shape: string;
  /** µs of CPU per event (s0: per request). */
  cpu: number;
  /** Process start to the first piece of the first answer, ms. */
  coldStartMs: number;
  /** MiB above what was in use after loading. */
  memoryMiB: number;
  /** Latency of an event in µs, paced shapes only. */
  latency?: { p50: number; p99: number };
}

const { values } = parseArgs({
  options: { client: { type: "string" }, shape: { type: "string" }, server: { type: "string" } },
});
const shapeName = values.shape as ShapeName;
const shape = SHAPES[shapeName];
const client = CLIENTS[values.client ?? ""];
if (client === undefined || values.server === undefined)
  throw new Error("usage: measure.ts --client NAME --shape NAME --server URL");

const run = await client.create(values.server);
const memoryBefore = process.memoryUsage.rss();
const first = new Sink();
await run(first, "s0");
const coldStartMs = first.firstAt; // performance.now() counts from the start of the process

const measured = shape.kind === "sequence" ? await sequence() : await paced();
const result: Measurement = {
  client: values.client ?? "",
  shape: shapeName,
  coldStartMs,
  memoryMiB: (process.resourceUsage().maxRSS * 1024 - memoryBefore) / 1024 ** 2,
  ...measured,
};
console.log(JSON.stringify(result));
process.exit(0);

async function sequence(): Promise<{ cpu: number }> {
  if (shape.kind !== "sequence") throw new Error("unreachable");
  const payload = shape.payload();
  const check = new Sink({ keep: true });
  await run(check, shapeName);
  const expected = client?.dropsThought === true ? { ...payload.expected, thinking: "" } : payload.expected;
  if (check.digest() !== digestOf(expected)) throw new Error(`${values.client}: the answer is not what was sent`);
  if (!check.hasUsage || check.finishReason === undefined)
    throw new Error(`${values.client}: usage or finish reason is missing`);
  for (let index = 1; index < shape.warm; index += 1) await run(new Sink(), shapeName);
  const before = process.cpuUsage();
  for (let index = 0; index < shape.repeat; index += 1) await run(new Sink(), shapeName);
  const { user, system } = process.cpuUsage(before);
  const units = shapeName === "s0" ? shape.repeat : shape.repeat * payload.events.length;
  return { cpu: (user + system) / units };
}

async function paced(): Promise<{ cpu: number; latency: { p50: number; p99: number } }> {
  if (shape.kind !== "paced") throw new Error("unreachable");
  for (let index = 0; index < 2; index += 1) await run(new Sink(), "s1");
  const latencies = new Float64Array(shape.streams * shape.tokensEach);
  let received = 0;
  let before: NodeJS.CpuUsage | undefined;
  const onText = (text: string): void => {
    // Counted from the first token, so that opening the connections is not in it.
    before ??= process.cpuUsage();
    const [seconds, nanoseconds] = process.hrtime();
    const now = seconds * 1e6 + nanoseconds / 1000;
    for (let offset = 1; offset < text.length; offset += 13) {
      latencies[received] = now - Number(text.slice(offset, offset + 12));
      received += 1;
    }
  };
  await Promise.all(Array.from({ length: shape.streams }, () => run(new Sink({ onText }), shapeName)));
  const { user, system } = process.cpuUsage(before);
  if (received !== latencies.length)
    throw new Error(`${values.client}: ${received} of ${latencies.length} tokens arrived`);
  latencies.sort();
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] as number;
  return { cpu: (user + system) / (shape.streams * (shape.tokensEach + 3)), latency: { p50: at(0.5), p99: at(0.99) } };
}
