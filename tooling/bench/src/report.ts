import type { Measurement } from "./measure.ts";
import type { ShapeName } from "./shapes.ts";
import { SHAPES } from "./shapes.ts";
import { SOCKET_FLOOR } from "./socket-floor.ts";

export interface Machine {
  node: string;
  cpu: string;
  cores: number;
  system: string;
  /** Over the minute before the run: what else the machine was busy with. */
  loadAverage: number;
  /** Server and client had a core each. */
  isPinned: boolean;
  rounds: number;
  versions: readonly string[];
}

/** Measurements → Markdown: one table over all shapes, then one of each. Medians, and ratios to `openai` and to the bare socket of the same run. */
export function toReport(measurements: readonly Measurement[], machine: Machine): string {
  const shapes = (Object.keys(SHAPES) as ShapeName[]).filter((name) => rowsOf(measurements, name).length > 0);
  return [
    `${machine.cpu}, ${machine.cores} cores (load ${machine.loadAverage.toFixed(1)}), ${machine.system}, Node ${machine.node}, loopback${machine.isPinned ? "; server and client on a core each" : ""}.`,
    `Medians of ${machine.rounds} interleaved runs, one process each: user and system CPU of the whole client process. ${machine.versions.join(", ")}.`,
    "",
    ...toSummary(measurements, shapes),
    ...shapes.map((name) => `- ${name.toUpperCase()}: ${SHAPES[name].title}`),
    "",
    ...shapes.flatMap((name) => toDetails(rowsOf(measurements, name), name)),
  ].join("\n");
}

function toSummary(measurements: readonly Measurement[], shapes: readonly ShapeName[]): string[] {
  const clients = namesByCost(measurements);
  const heads = [...shapes.map((name) => `${name.toUpperCase()} µs (÷ openai, ÷ socket)`), "start → first piece ms"];
  const rows = clients.map((client) => {
    const cells = shapes.map((name) => {
      const rows = rowsOf(measurements, name);
      return `${toShort(cpuOf(rows, client))} (${ratioOf(rows, client, "openai")}, ${ratioOf(rows, client, SOCKET_FLOOR)})`;
    });
    const own = measurements.filter((row) => row.client === client);
    return `| ${[client, ...cells, median(own.map((row) => row.coldStartMs)).toFixed(0)].join(" | ")} |`;
  });
  return [`| client | ${heads.join(" | ")} |`, `| --- |${" --: |".repeat(heads.length)}`, ...rows, ""];
}

function toDetails(rows: readonly Measurement[], name: ShapeName): string[] {
  const isPaced = SHAPES[name].kind === "paced";
  const heads = [
    `CPU µs per ${name === "s0" ? "request" : "event"}`,
    "÷ openai",
    "÷ socket",
    ...(isPaced ? ["latency p50 µs", "p99 µs"] : []),
    "memory + MiB",
    "start → first piece ms",
  ];
  const lines = namesByCost(rows).map((client) => {
    const own = rows.filter((row) => row.client === client);
    const of = (read: (row: Measurement) => number) => median(own.map(read)).toFixed(0);
    const cells = [
      toShort(cpuOf(rows, client)),
      ratioOf(rows, client, "openai"),
      ratioOf(rows, client, SOCKET_FLOOR),
      ...(isPaced ? [of((row) => row.latency?.p50 ?? 0), of((row) => row.latency?.p99 ?? 0)] : []),
      of((row) => row.memoryMiB),
      of((row) => row.coldStartMs),
    ];
    return `| ${[client, ...cells].join(" | ")} |`;
  });
  return [
    `### ${name.toUpperCase()}: ${SHAPES[name].title}`,
    "",
    `| client | ${heads.join(" | ")} |`,
    `| --- |${" --: |".repeat(heads.length)}`,
    ...lines,
    "",
  ];
}

function rowsOf(measurements: readonly Measurement[], shape: ShapeName): Measurement[] {
  return measurements.filter((row) => row.shape === shape);
}

/** The cheapest first, by their first shape. */
function namesByCost(rows: readonly Measurement[]): string[] {
  const first = rows.filter((row) => row.shape === rows[0]?.shape);
  return [...new Set(rows.map((row) => row.client))].toSorted((one, other) => cpuOf(first, one) - cpuOf(first, other));
}

function ratioOf(rows: readonly Measurement[], client: string, other: string): string {
  const ratio = cpuOf(rows, client) / cpuOf(rows, other);
  return Number.isNaN(ratio) ? "–" : ratio.toFixed(2);
}

function toShort(microseconds: number): string {
  if (Number.isNaN(microseconds)) return "–";
  return microseconds >= 100 ? microseconds.toFixed(0) : microseconds.toPrecision(3);
}

function cpuOf(rows: readonly Measurement[], client: string): number {
  return median(rows.filter((row) => row.client === client).map((row) => row.cpu));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
