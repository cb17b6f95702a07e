import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Router } from "./fleet.ts";

/**
 * nginx with the configuration that docs/scale-out.md shows, on other ports.
 *
 * @param spread leaves out the line that keeps a conversation on one server
 */
export async function startNginx(port: number, servers: readonly number[], spread = false): Promise<Router> {
  const folder = await mkdtemp(join(tmpdir(), "fleet-nginx-"));
  const file = join(folder, "nginx.conf");
  await writeFile(file, toConfiguration(await readShownConfiguration(), { port, servers, folder, spread }));
  const nginx = spawn("nginx", ["-p", folder, "-c", file, "-e", join(folder, "error.log")], { stdio: "inherit" });
  const left = once(nginx, "exit");
  return {
    name: "nginx",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    async untilWhole() {},
    async stop() {
      nginx.kill("SIGTERM");
      await left;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readShownConfiguration(): Promise<string> {
  const page = await readFile(new URL("../../../../docs/scale-out.md", import.meta.url), "utf8");
  const block = /```nginx\n(.*?)```/s.exec(page)?.[1];
  if (block === undefined) throw new Error("docs/scale-out.md shows no configuration of nginx.");
  return block;
}

interface Places {
  port: number;
  servers: readonly number[];
  folder: string;
  spread: boolean;
}

function toConfiguration(shown: string, { port, servers, folder, spread }: Places): string {
  const own = [`daemon off;`, `pid ${folder}/pid;`, ...(process.getuid?.() === 0 ? ["user root;"] : [])].join("\n");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `  ${name}_temp_path ${folder}/${name};`,
  );
  const placed = shown
    .replace("listen 127.0.0.1:8080;", `listen 127.0.0.1:${port};`)
    .replace("127.0.0.1:8001", `127.0.0.1:${servers[0]}`)
    .replace("127.0.0.1:8002", `127.0.0.1:${servers[1]}`)
    .replace(/^ *hash .*\n/m, spread ? "" : "$&")
    .replace("http {", ["http {", "  access_log off;", ...temporary].join("\n"));
  return `${own}\n${placed}`;
}
