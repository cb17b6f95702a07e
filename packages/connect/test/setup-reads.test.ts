import fileSystem from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { findFreePort } from "@vllm-tooling/vllm-lab";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { CliHome } from "./cli-harness.ts";
import { createCliHome } from "./cli-harness.ts";

const { readFile } = fileSystem;
let reads: unknown[] = [];

const start = useFakeServers();
let cli: CliHome;
beforeEach(async () => {
  cli = await createCliHome();
  fileSystem.readFile = ((...parameters: Parameters<typeof readFile>) => {
    reads.push(parameters[0]);
    return readFile(...parameters);
  }) as typeof readFile;
  syncBuiltinESMExports();
});
afterEach(async () => {
  fileSystem.readFile = readFile;
  syncBuiltinESMExports();
  await cli.remove();
});

test.each([
  ["coderclaw", [".coderclaw/.env", ".coderclaw/coderclaw.json", ".coderclaw/vllm-connect.json"]],
  ["openclaw", [".openclaw/.env", ".openclaw/openclaw.json", ".openclaw/vllm-connect.json"]],
])("setup of %s asks, plans and shows from files that it reads once", async (agent, files) => {
  const server = await start();
  const bridge = ["--bridge", String(await findFreePort())];
  const words = ["setup", "--agent", agent, "--base-url", server.baseUrl, "--provider", "vllm-b", ...bridge];
  expect((await cli.run([...words, "--yes"])).code).toBe(0);
  // What does not exist is not read.
  await fileSystem.writeFile(cli.path(`.${agent}/.env`), "OTHER=1\n", { flag: "a" });
  reads = [];
  const { code, stdout } = await cli.run([...words, "--dry-run"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("Dry run: nothing was written.")]);
  const ofAgent = reads.map(String).filter((path) => path.startsWith(cli.path(`.${agent}`)));
  expect(ofAgent.toSorted()).toEqual([...new Set(ofAgent)].toSorted());
  expect(ofAgent).toEqual(expect.arrayContaining(files.map((file) => cli.path(file))));
});
