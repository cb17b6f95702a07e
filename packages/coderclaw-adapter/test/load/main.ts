/**
 * `pnpm --filter @vllm/coderclaw-adapter load [rounds]`: what the bridge costs on 200 streams, and what a relay costs that only copies bytes; two
 * rounds take six minutes. Each is shown as it is measured, the table at the end holds the medians.
 */
import type { Round } from "./run-load.ts";
import { runLoad } from "./run-load.ts";

const rounds = Number(process.argv[2] ?? 2);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("The rounds are a number from 1 on: load 4");
const SECONDS = 4;
const ratioOf = ({ bridgeCpuMs, clientCpuMs }: Round) => bridgeCpuMs / clientCpuMs;
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = low] = sorted.slice(Math.ceil(sorted.length / 2) - 1);
  return sorted.length % 2 === 0 ? (low + high) / 2 : low;
}
const cellsOf = (measured: readonly Round[]): string[] => {
  const of = (pick: (round: Round) => number, digits: number) => median(measured.map(pick)).toFixed(digits);
  const ratios = measured.map(ratioOf);
  return [
    `${of(({ direct }) => direct.p50, 2)} / ${of(({ direct }) => direct.p99, 2)} ms`,
    `${of(({ bridged }) => bridged.p50, 2)} / ${of(({ bridged }) => bridged.p99, 2)} ms`,
    `${of(({ bridgeCpuMs }) => bridgeCpuMs, 0)} : ${of(({ clientCpuMs }) => clientCpuMs, 0)} ms`,
    measured.length === 1
      ? of(ratioOf, 2)
      : `${of(ratioOf, 2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
  ];
};
const write = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
const HEAD = [
  "events a second",
  "in between",
  "direct p50 / p99",
  "through it p50 / p99",
  "its CPU : our client's",
  "ratio",
];

const BETWEEN = [
  { name: "bridge", through: "bridge", recovers: true },
  { name: "bridge --no-recover", through: "bridge", recovers: false },
  { name: "relay of bytes", through: "relay", recovers: false },
] as const;

write(HEAD);
const table: string[][] = [];
for (const perSecond of [5, 20]) {
  for (const { name, ...between } of BETWEEN) {
    const load = { streams: 200, tokensEach: perSecond * SECONDS, perSecond, ...between };
    const row = [String(load.streams * perSecond), name];
    const measured = await runLoad(load, rounds, (round) => write([...row, ...cellsOf([round])]));
    const heaps = measured.memory.map(({ heapMiB }) => heapMiB.toFixed(1)).join(", ");
    const [{ rssMiB } = { rssMiB: Number.NaN }] = measured.memory;
    table.push([...row, ...cellsOf(measured.rounds), `${heaps}; ${rssMiB.toFixed(0)} MiB`]);
  }
}
process.stdout.write(`\nMedians of ${rounds} rounds:\n\n`);
HEAD.push("its heap, and once more; its memory");
write(HEAD);
write(HEAD.map(() => "---"));
table.forEach(write);
