import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { findFreePort } from "@vllm-tooling/vllm-lab";
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findServers, pickServer, rememberServer } from "../index.ts";
import type { FoundServer } from "../index.ts";

const start = useFakeServers();
let folder: string;
let processes: ChildProcess[] = [];
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "find-servers-"))));
afterEach(async () => {
  for (const process of processes.splice(0)) process.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

const KEY = "sk-of-one-server";

/** A program with the command line of `vllm serve`; it listens nowhere. */
async function runServe(port: number): Promise<number> {
  await writeFile(join(folder, "serve"), "console.log('runs'); setInterval(() => undefined, 60_000);");
  const words = ["serve", "a/model", "--port", String(port), "--api-key", "sk-on-a-command-line"];
  const child = spawn(process.execPath, words, { argv0: "vllm", cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  processes.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child.pid as number;
}

const at = (found: readonly FoundServer[], port: number): FoundServer | undefined =>
  found.find(({ baseUrl }) => baseUrl.includes(`:${port}/`));

describe("an address that was named", () => {
  test.each([
    ["baseUrl", "option"],
    ["VLLM_BASE_URL", "variable"],
  ])("%s gets the key, and nothing else is asked", async (way, foundBy) => {
    const named = await start({ apiKey: KEY });
    const other = await start();
    await runServe(other.port);
    const { baseUrl } = named;
    const env = { VLLM_API_KEY: KEY, ...(way === "baseUrl" ? {} : { VLLM_BASE_URL: baseUrl }) };
    const found = await findServers({ env, ...(way === "baseUrl" ? { baseUrl } : {}) });
    expect(found).toMatchObject([{ baseUrl, foundBy: [foundBy], isNamed: true, report: { state: "ready" } }]);
    expect(other.requests).toEqual([]);
    expect(pickServer(found)?.baseUrl).toBe(baseUrl);
  });

  test("is reported when nothing answers there", async () => {
    const baseUrl = `http://127.0.0.1:${await findFreePort()}/v1`;
    expect(await findServers({ baseUrl, env: {} })).toMatchObject([{ baseUrl, report: { state: "unreachable" } }]);
  });

  test("that is no address is refused", async () => {
    await expect(findServers({ baseUrl: "http://", env: {} })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});

describe.runIf(process.platform === "linux")("a running `vllm serve`", () => {
  test("is found with its owner, and gets no key", async () => {
    const server = await start({ apiKey: KEY });
    const pid = await runServe(server.port);
    const found = at(await findServers({ env: { VLLM_API_KEY: KEY }, usedServers: false }), server.port);
    expect(found).toMatchObject({
      foundBy: ["process"],
      isNamed: false,
      isLoading: false,
      owner: { user: userInfo().username, isYou: true, pid },
      report: { state: "locked" },
    });
    expect(JSON.stringify(server.requests)).not.toContain(KEY);
    expect(JSON.stringify(found)).not.toContain("sk-on-a-command-line");
  });

  test("that does not listen yet is loading", async () => {
    const port = await findFreePort();
    await runServe(port);
    expect(at(await findServers({ env: {}, usedServers: false }), port)).toMatchObject({ isLoading: true });
    const [named] = await findServers({ baseUrl: `http://127.0.0.1:${port}`, env: {} });
    expect(named).toMatchObject({ isLoading: true, isNamed: true, foundBy: ["option", "process"] });
  });
});

describe("servers used before", () => {
  test("are remembered without a key or a login, the last one first, once each", async () => {
    const path = join(folder, "config", "servers.json");
    for (const address of ["http://gpu1:8000", "http://user:secret@gpu2:8000/v1", "http://gpu1:8000/v1"])
      await rememberServer(address, { path });
    const text = await readFile(path, "utf8");
    expect(JSON.parse(text)).toEqual({
      servers: [{ baseUrl: "http://gpu1:8000/v1" }, { baseUrl: "http://gpu2:8000/v1" }],
    });
    expect(text).not.toContain("secret");
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  test("are found, get no key, and are not chosen by themselves", async () => {
    const server = await startFakeVllm();
    const path = join(folder, "servers.json");
    await rememberServer(server.baseUrl, { path });
    const found = await findServers({ env: { VLLM_API_KEY: KEY }, usedServers: path });
    await server.close();
    expect(at(found, server.port)).toMatchObject({ foundBy: ["used"], isNamed: false, report: { state: "ready" } });
    expect(JSON.stringify(server.requests)).not.toContain(KEY);
  });

  test.each(["", "{", "[]", '{"servers": [{"baseUrl": "http://"}, 4, null]}'])(
    "a file with %j is passed over",
    async (text) => {
      const path = join(folder, "servers.json");
      await writeFile(path, text);
      const found = await findServers({ env: {}, usedServers: path });
      expect(found.filter(({ foundBy }) => foundBy.includes("used"))).toEqual([]);
    },
  );
});

describe("pickServer", () => {
  const server = (port: number, more: object): FoundServer =>
    ({
      baseUrl: `http://127.0.0.1:${port}/v1`,
      foundBy: ["port"],
      isNamed: false,
      isLoading: false,
      ...more,
    }) as unknown as FoundServer;
  const ready = { report: { state: "ready" } };
  const yours = { owner: { user: "you", isYou: true } };
  const theirs = { owner: { user: "alice", isYou: false } };

  test.each([
    ["none", [], undefined],
    [
      "the only one that is yours and ready",
      [server(1, { ...ready, ...theirs }), server(2, { ...ready, ...yours })],
      2,
    ],
    ["not another user's", [server(1, { ...ready, ...theirs })], undefined],
    ["not one whose owner is unknown", [server(1, { ...ready, owner: undefined })], undefined],
    ["not one of two", [server(1, { ...ready, ...yours }), server(2, { ...ready, ...yours })], undefined],
    [
      "one that is loading, when none is ready",
      [server(1, { isLoading: true, report: { state: "unreachable" }, ...yours })],
      1,
    ],
    [
      "what was named, whoever runs it",
      [server(1, { ...ready, ...yours }), server(2, { isNamed: true, ...ready, ...theirs })],
      2,
    ],
  ])("%s", (_, found, port) => {
    expect(pickServer(found)?.baseUrl).toBe(port === undefined ? undefined : `http://127.0.0.1:${port}/v1`);
  });
});
