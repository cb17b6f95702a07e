import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "@vllm-tooling/vllm-lab";
import type { Ended } from "../agent-process.ts";
import { agentEnvironment, runAdapter, runCommand } from "../agent-process.ts";
import type { Person } from "../terminal.ts";
import { openTerminal } from "../terminal.ts";

/** What `openclaw agent --json` says about a turn. */
export interface AgentTurn extends Ended {
  text: string;
  tools: string[];
  contextTokens: number | undefined;
}

export interface TurnOptions {
  words?: readonly string[];
  /** In this process, without the gateway. Default: true. */
  local?: boolean;
  session?: string;
  env?: Readonly<Record<string, string>>;
}

export interface OpenClawHome {
  /** `HOME` of everything that runs here. */
  home: string;
  workspace: string;
  /** `vllm-connect <words> --agent openclaw`. */
  adapter(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `openclaw <words>`. */
  openclaw(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** `openclaw <words>` with a person at its terminal. */
  openTerminal(words: readonly string[]): Person;
  /** One turn of the agent, in a session of its own unless one is named. */
  turn(message: string, more?: TurnOptions): Promise<AgentTurn>;
  config(): Promise<Record<string, never>>;
  changeConfig(change: (text: string) => string): Promise<void>;
  files(): Promise<string[]>;
  /** Runs a gateway until `stop`. */
  startGateway(): Promise<{ stop(): Promise<void> }>;
  /** What a user has done before: listed the models, and run a gateway. */
  use(): Promise<void>;
  remove(): Promise<void>;
}

/** A home of its own for OpenClaw: nothing of the machine's user is read or written. */
export async function createOpenClawHome(command: string): Promise<OpenClawHome> {
  const root = await mkdtemp(join(tmpdir(), "adapter-openclaw-"));
  const workspace = join(root, "workspace");
  const configPath = join(root, "state", "openclaw.json");
  const port = await findFreePort();
  for (const folder of ["workspace", "state", "home"]) await mkdir(join(root, folder));
  await writeFile(join(workspace, "notes.txt"), "the sky is green\n");
  const settings = {
    models: { catalogRefresh: { enabled: false } },
    agents: { defaults: { workspace, skipBootstrap: true }, entries: { main: { name: "main" } } },
    gateway: { mode: "local", port, bind: "loopback", auth: { mode: "token", token: "test-token" } },
  };
  await writeFile(configPath, JSON.stringify(settings, null, 2));
  const base = {
    ...agentEnvironment(),
    HOME: join(root, "home"),
    OPENCLAW_STATE_DIR: join(root, "state"),
    OPENCLAW_GATEWAY_TOKEN: "test-token",
  };
  let sessions = 0;

  async function startGateway(): Promise<{ stop(): Promise<void> }> {
    const gateway = spawn(command, ["gateway", "run", "--port", String(port)], { cwd: workspace, env: base });
    let log = "";
    gateway.stdout.on("data", (data: Buffer) => (log += data.toString()));
    gateway.stderr.on("data", (data: Buffer) => (log += data.toString()));
    const deadline = Date.now() + 90_000;
    while (!/gateway\] (.*)ready|listening/i.test(log) || !(await isOpen(port))) {
      if (Date.now() > deadline || gateway.exitCode !== null) {
        gateway.kill("SIGKILL");
        throw new Error(`The gateway did not start:\n${log.slice(-3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return {
      stop: () =>
        new Promise((resolve) => {
          if (gateway.exitCode !== null) resolve();
          gateway.once("exit", () => resolve());
          gateway.kill("SIGKILL");
        }),
    };
  }

  const openclaw: OpenClawHome["openclaw"] = (words, env = {}) =>
    runCommand(command, words, workspace, { ...base, ...env });
  return {
    home: base.HOME,
    workspace,
    openclaw,
    openTerminal: (words) => openTerminal(command, words, { cwd: workspace, env: base }),
    adapter: (words, env = {}) => runAdapter([...words, "--agent", "openclaw"], workspace, { ...base, ...env }),
    async turn(message, { words = [], local = true, session, env } = {}) {
      sessions += 1;
      const place = local ? ["--local"] : [];
      const name = session ?? `s${sessions}`;
      const fixed = ["agent", ...place, "--agent", "main", "--session-id", name, "-m", message, "--json"];
      const ended = await openclaw([...fixed, ...words], env);
      return { ...ended, ...readTurn(ended.stdout) };
    },
    config: async () => JSON.parse(await readFile(configPath, "utf8")) as Record<string, never>,
    changeConfig: async (change) => writeFile(configPath, change(await readFile(configPath, "utf8"))),
    files: async () => (await readdir(workspace)).toSorted(),
    startGateway,
    async use() {
      await openclaw(["models", "list"]);
      const gateway = await startGateway();
      await gateway.stop();
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

interface TurnJson {
  result?: TurnJson;
  payloads?: { text?: string }[];
  meta?: { toolSummary?: { tools?: string[] }; agentMeta?: { contextTokens?: number } };
}

function readTurn(stdout: string): Pick<AgentTurn, "text" | "tools" | "contextTokens"> {
  const start = stdout.indexOf("{");
  if (start < 0) return { text: "", tools: [], contextTokens: undefined };
  const whole = JSON.parse(stdout.slice(start)) as TurnJson;
  const { payloads = [], meta = {} } = whole.result ?? whole;
  return {
    text: payloads.map((payload) => payload.text ?? "").join("\n"),
    tools: meta.toolSummary?.tools ?? [],
    contextTokens: meta.agentMeta?.contextTokens,
  };
}

async function isOpen(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}
