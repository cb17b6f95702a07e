import { spawn, spawnSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { discoverServer } from "../src/index.ts";

// Figures of a machine at rest; the best of several runs stands for it on a busy one.

const SLOWEST_MS = 60;
let server: Server;
let baseUrl: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    const reply = (status: number, body: string, ms: number) =>
      void setTimeout(() => response.writeHead(status).end(body), ms);
    if (request.method === "GET" && request.url === "/v1/models") {
      const list = '{"object":"list","data":[{"id":"tiny","root":"tiny","owned_by":"vllm","max_model_len":32768}]}';
      reply(200, list, SLOWEST_MS);
    } else if (request.url === "/version") reply(200, '{"version":"0.32.0"}', 0);
    else if (request.url === "/health") reply(200, "", 20);
    else if (request.url === "/v1/chat/completions") reply(405, '{"detail":"Method Not Allowed"}', 0);
    else reply(404, '{"detail":"Not Found"}', 0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const entry = new URL("../src/index.ts", import.meta.url).href;

interface Figures {
  /** ms on the clock and of CPU time. */
  wall: number;
  cpu: number;
}

/** Runs some code in a process of its own, and measures `work` in it. */
async function measure(prepare: string, work: string): Promise<Figures> {
  const figures = await runAlone(`
    ${prepare}
    const [start, before] = [performance.now(), process.cpuUsage()];
    ${work}
    const wall = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1000 }));`);
  return figures as Figures;
}

async function runAlone(code: string): Promise<unknown> {
  const child = spawn(process.execPath, ["--conditions=@vllm/source", "--input-type=module", "--eval", code]);
  let output = "";
  for await (const piece of child.stdout) output += String(piece);
  return JSON.parse(output);
}

const least = (runs: readonly Figures[]): Figures => ({
  wall: Math.min(...runs.map(({ wall }) => wall)),
  cpu: Math.min(...runs.map(({ cpu }) => cpu)),
});

test("a probe in a warm process takes at most 15 ms more than its slowest question", async () => {
  const over: number[] = [];
  for (let run = 0; run < 15; run += 1) {
    const start = performance.now();
    const report = await discoverServer({ baseUrl });
    over.push(performance.now() - start - Math.max(...report.asked.map(({ ms }) => ms)));
  }
  expect(Math.min(...over)).toBeLessThan(15);
});

test("the first probe of a process takes at most 15 ms more than its slowest question, as built", async ({
  annotate,
}) => {
  const root = path.join(import.meta.dirname, "..");
  const built = path.join(root, "node_modules/.cache/first-look");
  const build = spawnSync(path.join(root, "node_modules/.bin/tsup"), ["--out-dir", built, "--silent"], { cwd: root });
  expect(build.status).toBe(0);
  const over: number[] = [];
  for (let run = 0; run < 9; run += 1) {
    const ms = await runAlone(`
      const { discoverServer } = await import(${JSON.stringify(pathToFileURL(path.join(built, "index.js")).href)});
      const start = performance.now();
      const { asked } = await discoverServer({ baseUrl: "${baseUrl}", probe: "list" });
      const total = performance.now() - start;
      process.stdout.write(String(total - Math.max(...asked.map(({ ms }) => ms))));`);
    over.push(Number(ms));
  }
  await annotate(`over its slowest question: ${over.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  expect(Math.min(...over)).toBeLessThan(15);
}, 60_000);

// The first `fetch` of a process loads Node's own HTTP client, which takes longer than all the rest. A program that asks for the list
// by itself pays for it, too, so that both are measured, in new processes that take turns. CPU time is what a busy machine changes least.
test("the first probe of a process against the first fetch of one", async ({ annotate }) => {
  const fetches: Figures[] = [];
  const looks: Figures[] = [];
  for (let run = 0; run < 5; run += 1) {
    fetches.push(await measure("", `await (await fetch("${baseUrl}/v1/models")).text();`));
    looks.push(
      await measure(
        `const { discoverServer } = await import("${entry}");`,
        `await discoverServer({ baseUrl: "${baseUrl}", probe: "list" });`,
      ),
    );
  }
  const [alone, look] = [least(fetches), least(looks)];
  const ms = (value: number) => `${value.toFixed(0)} ms`;
  await annotate(
    `GET /v1/models takes the server ${ms(SLOWEST_MS)}. First fetch: ${ms(alone.wall)} (CPU ${ms(alone.cpu)}). First look: ${ms(look.wall)} (CPU ${ms(look.cpu)}), ` +
      `${ms(look.wall - SLOWEST_MS)} over the server's time, ${ms(look.wall - alone.wall)} over the fetch.`,
  );
  expect(look.cpu / alone.cpu).toBeLessThan(3);
}, 60_000);

test("loading the package loads neither zod nor ky: each costs more than all of it", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(entry)});
    process.stdout.write(JSON.stringify(loaded));
  `;
  const { stdout } = spawnSync(
    process.execPath,
    ["--conditions=@vllm/source", "--input-type=module", "--eval", script],
    { encoding: "utf8" },
  );
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded.length).toBeGreaterThan(40);
  expect(loaded.filter((url) => /node_modules\/(zod|ky|json5)\//.test(url))).toEqual([]);
}, 30_000);
