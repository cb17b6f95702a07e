/**
 * `pnpm --filter @vllm/coderclaw-adapter load [rounds]`: what the bridge costs on 200 streams, and what a relay costs that only copies bytes; four
 * rounds take ten minutes. Each row is shown as soon as it is measured: medians, and in brackets the range.
 */
import type { Cpu, Latency } from "./run-load.ts";
import { runLoad } from "./run-load.ts";

const rounds = Number(process.argv[2] ?? 4);
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(
    `The rounds are a whole number from 1 on, for example: load 4. Received "${process.argv[2]}".\n`,
  );
  process.exit(2);
}
const SECONDS = 4;
const PAUSE_MS = 12_000;
const BETWEEN = [
  { name: "bridge", through: "bridge", recovers: true },
  { name: "bridge --no-recover", through: "bridge", recovers: false },
  { name: "relay of bytes", through: "relay", recovers: false },
] as const;
const HEAD = [
  "events a second",
  "in between",
  "direct p50 / p99",
  "through it p50 / p99",
  "its CPU : our client's",
  "ratio",
  `after ${PAUSE_MS / 1000} s of silence`,
  "its heap, and once more; its memory",
];

const ratioOf = ({ between, client }: Cpu) => between / client;

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = low] = sorted.slice(Math.ceil(sorted.length / 2) - 1);
  return sorted.length % 2 === 0 ? (low + high) / 2 : low;
}

function toCell(latencies: readonly Latency[]): string {
  const p99s = latencies.map(({ p99 }) => p99);
  return `${median(latencies.map(({ p50 }) => p50)).toFixed(2)} / ${median(p99s).toFixed(1)} ms ${toRange(p99s, 1)}`;
}

function toRange(values: readonly number[], digits: number): string {
  return `(${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)})`;
}

function write(cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(" | ")} |\n`);
}

write(HEAD);
write(HEAD.map(() => "---"));
for (const perSecond of [5, 20]) {
  for (const { name, ...between } of BETWEEN) {
    const load = { streams: 200, tokensEach: perSecond * SECONDS, perSecond, pauseMs: PAUSE_MS, ...between };
    const { cpu, latency, cpuAfterPause, memory } = await runLoad(load, rounds);
    const ratios = cpu.map(ratioOf);
    write([
      String(load.streams * perSecond),
      name,
      toCell(latency.map(({ direct }) => direct)),
      toCell(latency.map(({ through }) => through)),
      `${median(cpu.map((each) => each.between)).toFixed(0)} : ${median(cpu.map((each) => each.client)).toFixed(0)} ms`,
      `${median(ratios).toFixed(2)} ${toRange(ratios, 2)}`,
      ratioOf(cpuAfterPause).toFixed(2),
      `${memory.map(({ heapMiB }) => heapMiB.toFixed(1)).join(", ")}; ${memory[0]?.rssMiB.toFixed(0)} MiB`,
    ]);
  }
}
