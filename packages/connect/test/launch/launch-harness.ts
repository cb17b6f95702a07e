import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { agentEnvironment } from "../agent-process.ts";

export const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const FAKE_AGENT = fileURLToPath(new URL("fake-agent.mjs", import.meta.url));

/** What a fake agent says of its start. */
export interface AgentReport {
  pid: number;
  words: string[];
  env: Record<string, string>;
  files: Record<string, string>;
  answer?: number;
}

export interface Launched {
  process: ChildProcess;
  /** The agent's report, once it is there. */
  started(): Promise<AgentReport>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>;
}

export interface LaunchHome {
  home: string;
  /** Where the last fake agent wrote its report. */
  report: string;
  /** What a command in it gets. */
  env(): Record<string, string>;
  launch(words: readonly string[], env?: Readonly<Record<string, string>>): Launched;
  /** Files of the home and folders of runs that are left. */
  leftovers(): Promise<string[]>;
  remove(): Promise<void>;
}

/** A home with fake agents of these names on the PATH, and a folder for temporary files of its own. */
export async function createLaunchHome(agents: readonly string[] = ["qwen"]): Promise<LaunchHome> {
  const home = await mkdtemp(join(tmpdir(), "launch-home-"));
  const programs = join(home, "bin");
  const temporary = join(home, "tmp");
  await mkdir(programs);
  await mkdir(temporary);
  for (const name of agents) {
    await cp(FAKE_AGENT, join(programs, name));
    await chmod(join(programs, name), 0o755);
  }
  const report = join(home, "report.json");
  const { PATH: _path, ...machine } = agentEnvironment();
  const environment: Record<string, string> = {
    ...machine,
    HOME: home,
    TMPDIR: temporary,
    XDG_CONFIG_HOME: join(home, "config"),
    XDG_CACHE_HOME: join(home, "cache"),
    PATH: `${programs}:${dirname(process.execPath)}`,
    FAKE_AGENT_REPORT: report,
  };
  const running: ChildProcess[] = [];
  return {
    home,
    report,
    env: () => environment,
    launch(words, env = {}) {
      const child = spawn(process.execPath, ["--conditions=@vllm/source", CLI, "launch", ...words], {
        cwd: home,
        env: { ...environment, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      running.push(child);
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
      child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
      return {
        process: child,
        async started() {
          for (;;) {
            const text = await readFile(report, "utf8").catch(() => "");
            if (text.endsWith("}")) return JSON.parse(text) as AgentReport;
            if (child.exitCode !== null) throw new Error(`The agent was not started:\n${stdout}${stderr}`);
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        },
        ended: new Promise((resolve) => {
          child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
        }),
      };
    },
    leftovers: async () => readdir(temporary),
    async remove() {
      for (const child of running) child.kill("SIGKILL");
      await rm(home, { recursive: true, force: true });
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
