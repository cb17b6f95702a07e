/**
 * `pnpm bench`: CPU, latency and start-up of `@vllm/client` against its peers, all in one run.
 * One process per measurement, clients shuffled within a round, server and client on CPUs of their own where `taskset` exists.
 */
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { CLIENTS } from "./clients.ts";
import { installedVersions, installPeers } from "./install-peers.ts";
import type { Measurement } from "./measure.ts";
import { toReport } from "./report.ts";
import { SHAPES } from "./shapes.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    shapes: { type: "string", default: Object.keys(SHAPES).join(",") },
    clients: { type: "string", default: "" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.log(
    `pnpm bench [--rounds 5] [--shapes ${Object.keys(SHAPES).join(",")}] [--clients REGEX]\n\nClients: ${Object.keys(CLIENTS).join(", ")}`,
  );
  process.exit(0);
}

const rounds = Number(values.rounds);
const shapes = values.shapes.split(",");
const unknownShapes = shapes.filter((shape) => !Object.hasOwn(SHAPES, shape));
const names = isPattern(values.clients)
  ? Object.keys(CLIENTS).filter((name) => new RegExp(values.clients).test(name))
  : [];
const refusal =
  !Number.isInteger(rounds) || rounds < 1
    ? `--rounds is a whole number from 1, not "${values.rounds}".`
    : unknownShapes.length > 0
      ? `There is no shape ${unknownShapes.join(", ")}: ${Object.keys(SHAPES).join(", ")}.`
      : names.length === 0
        ? `--clients "${values.clients}" names none of ${Object.keys(CLIENTS).join(", ")}.`
        : undefined;
if (refusal !== undefined) {
  console.error(refusal);
  process.exit(2);
}

const turbo = path.join(import.meta.dirname, "../../../node_modules/.bin/turbo");
const built = spawnSync(
  turbo,
  ["run", "build", "--filter=@vllm/client", "--filter=@vllm/ai-sdk-provider", "--output-logs=errors-only"],
  {
    stdio: "inherit",
  },
);
if (built.status !== 0) process.exit(built.status ?? 1);
console.error("Peers to measure against: installed once …");
const peers = await installPeers();
const [loadAverage = 0] = os.loadavg();
const canPin = spawnSync("taskset", ["-c", "0", "true"]).status === 0 && os.cpus().length > 1;
const pinned = (cpu: number, file: string, parameters: readonly string[]) => {
  const script = [path.join(import.meta.dirname, file), ...parameters];
  const environment = { ...process.env, BENCH_PEERS: peers };
  return canPin
    ? spawn("taskset", ["-c", String(cpu), process.execPath, ...script], {
        env: environment,
        stdio: ["ignore", "pipe", "inherit"],
      })
    : spawn(process.execPath, script, { env: environment, stdio: ["ignore", "pipe", "inherit"] });
};

const server = pinned(0, "server.ts", []);
const port = await new Promise<string>((resolve) => createInterface(server.stdout).once("line", resolve));
const measurements: Measurement[] = [];
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const shape of shapes) {
      for (const client of shuffled(names)) measurements.push(await measure(client, shape));
      console.error(`round ${round}: ${shape} done`);
    }
  }
} finally {
  server.kill();
}
console.log(
  toReport(measurements, {
    node: process.version,
    cpu: os.cpus()[0]?.model.trim() ?? "unknown CPU",
    cores: os.cpus().length,
    system: `${os.type()} ${os.release()}`,
    loadAverage,
    isPinned: canPin,
    rounds,
    versions: installedVersions(peers),
  }),
);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}

async function measure(client: string, shape: string): Promise<Measurement> {
  const child = pinned(1, "measure.ts", ["--client", client, "--shape", shape, "--server", `http://127.0.0.1:${port}`]);
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${client} failed at ${shape}`);
  return JSON.parse(output) as Measurement;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
