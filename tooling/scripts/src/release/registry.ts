import { installPackages } from "@vllm-tooling/install";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { run } from "../run.ts";

export interface Registry extends AsyncDisposable {
  url: string;
  /** Settings for npm and pnpm: this registry, and a token for it. */
  env: Record<string, string>;
}

const VERSIONS = { verdaccio: "6.8.0" };
/** The one that verdaccio asks for does not install from every registry. */
const OVERRIDES = { "node-fetch": "2.7.0" };
const LONGEST_START_MS = 60_000;

/** A registry on this machine: it holds what is published to it, and hands everything else through from npm's. */
export async function startRegistry(folder: string): Promise<Registry> {
  mkdirSync(folder, { recursive: true });
  const installed = await installPackages("verdaccio", VERSIONS, OVERRIDES);
  const upstream = (await run("npm", ["config", "get", "registry"])).output.trim();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  const config = path.join(folder, "config.json");
  writeFileSync(config, JSON.stringify(toConfig(folder, upstream)));
  const child = spawn(
    process.execPath,
    [path.join(installed, "node_modules/verdaccio/bin/verdaccio"), "--config", config, "--listen", `127.0.0.1:${port}`],
    { cwd: folder, stdio: "ignore" },
  );
  const userConfig = path.join(folder, "npmrc");
  // npm publishes nothing without a token; this registry takes any.
  writeFileSync(userConfig, `registry=${url}\n//127.0.0.1:${port}/:_authToken=dry-run\n`);
  await waitFor(url, () => child.exitCode !== null);
  return {
    url,
    env: { npm_config_userconfig: userConfig, npm_config_registry: url, npm_config_cache: path.join(folder, "cache") },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

function toConfig(folder: string, upstream: string): object {
  const access = { access: "$all", publish: "$all", unpublish: "$all" };
  return {
    storage: path.join(folder, "storage"),
    uplinks: { npm: { url: upstream, timeout: "60s" } },
    packages: { "@vllm/*": access, "**": { ...access, proxy: "npm" } },
    max_body_size: "100mb",
    log: { type: "file", path: path.join(folder, "verdaccio.log"), level: "warn" },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

async function waitFor(url: string, hasExited: () => boolean): Promise<void> {
  const start = performance.now();
  for (;;) {
    const isUp = await fetch(new URL("-/ping", url)).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    if (hasExited() || performance.now() - start > LONGEST_START_MS)
      throw new Error("verdaccio does not start; its log is verdaccio.log.");
    await delay(200);
  }
}
