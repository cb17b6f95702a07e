import { spawn, type ChildProcess } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { bundle } from "./bundle.ts";
import type { Bin, Runtime } from "./runtime.ts";

/** A request that hangs is an error: the flow takes seconds. */
const LIMIT_MS = 120_000;
/** From this date on, `nodejs_compat` is the default: both are said, so that both are tested. */
const COMPATIBILITY_DATE = "2026-11-01";

/** Cloudflare's runtime, given a program as `wrangler` does it: in one file, made by esbuild. */
export function workerd(bin: Bin, compatibility: "nodejs_compat" | "no_nodejs_compat"): Runtime {
  return async (project) => {
    await bundle(bin, project, "worker", "workerd,worker,browser");
    const config = `${compatibility}.capnp`;
    writeFileSync(path.join(project, config), toConfig(compatibility));
    return askTwice(spawn(bin("workerd"), ["serve", "--control-fd=1", config], { cwd: project }));
  };
}

function toConfig(compatibility: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.bundle.js")],
      compatibilityDate = "${COMPATIBILITY_DATE}",
      compatibilityFlags = ["${compatibility}"],
    )),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`;
}

/** Two requests to the worker that a process serves: the second must not need what only the first one had. */
async function askTwice(server: ChildProcess): Promise<unknown[]> {
  let printed = "";
  try {
    const port = await new Promise<string>((resolve, reject) => {
      const read = (piece: Buffer) => {
        printed += piece.toString();
        const match = /"port":(\d+)/.exec(printed);
        if (match?.[1] !== undefined) resolve(match[1]);
      };
      server.stdout?.on("data", read);
      server.stderr?.on("data", read);
      server.once("error", reject);
      server.once("close", (code) => reject(new Error(`it ended with exit code ${code}`)));
    });
    const answers: unknown[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(LIMIT_MS) });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      answers.push(JSON.parse(text));
    }
    return answers;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${printed}`, { cause: error });
  } finally {
    server.kill("SIGKILL");
  }
}
