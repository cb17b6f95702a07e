import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { Router } from "./fleet.ts";

/** vllm-router with the flags that docs/scale-out.md shows, on other ports. `VLLM_ROUTER` names the program. */
export async function startVllmRouter(program: string, port: number, servers: readonly number[]): Promise<Router> {
  const flags = (await readShownFlags())
    .replace("--port 8080", `--port ${port}`)
    .replace("127.0.0.1:8001", `127.0.0.1:${servers[0]}`)
    .replace("127.0.0.1:8002", `127.0.0.1:${servers[1]}`);
  const router = spawn(program, flags.split(/\s+/), { stdio: "ignore" });
  const left = once(router, "exit");
  return {
    name: "vllm-router",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async untilWhole() {
      while ((await countHealthy(port)) < servers.length) await setTimeout(500);
    },
    async stop() {
      router.kill("SIGKILL");
      await left;
    },
  };
}

async function countHealthy(port: number): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/readiness`).catch(() => undefined);
  const { healthy_workers: healthy = 0 } = ((await answer?.json()) ?? {}) as { healthy_workers?: number };
  return healthy;
}

async function readShownFlags(): Promise<string> {
  const page = await readFile(new URL("../../../../docs/scale-out.md", import.meta.url), "utf8");
  const command = /vr\/bin\/vllm-router ((?:[^\n]*\\\n)*[^\n]*)/.exec(page)?.[1];
  if (command === undefined) throw new Error("docs/scale-out.md shows no command of vllm-router.");
  return command.replaceAll("\\\n", " ").trim();
}
