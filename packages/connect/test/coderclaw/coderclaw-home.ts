import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findFreePort } from "@vllm-tooling/vllm-lab";
import JSON5 from "json5";
import type { Ended } from "../agent-process.ts";
import { agentEnvironment, runAdapter, runCommand } from "../agent-process.ts";
import type { Person } from "../terminal.ts";
import { openTerminal } from "../terminal.ts";

type Variables = Readonly<Record<string, string>>;

/** How a turn of the agent ended. */
export interface Turn {
  /** What the agent said; empty when the turn failed. */
  text: string;
  /** What CoderClaw says about a failure. */
  error: string;
}

export interface Gateway {
  /** One turn of the agent, in a session of its own, asked for in a shell with the gateway's variables. */
  turn(message: string): Promise<Turn>;
  log(): string;
  stop(): Promise<void>;
}

export interface CoderClawHome {
  home: string;
  workspace: string;
  /** `coderclaw <words>`. */
  coderclaw(words: readonly string[], env?: Variables): Promise<Ended>;
  /** `coderclaw <words>` with a person at its terminal. */
  openTerminal(words: readonly string[], env?: Variables): Person;
  /** `vllm-connect <words> --agent coderclaw`. */
  adapter(words: readonly string[], env?: Variables): Promise<Ended>;
  /** Runs a gateway that lets its clients in, until `stop`. */
  startGateway(env?: Variables): Promise<Gateway>;
  /** Runs a gateway as `coderclaw gateway run` does, until `stop`. */
  startGatewayOnce(env?: Variables): Promise<Gateway>;
  /** The configuration that `coderclaw` opens. */
  config(): Promise<ConfigShape>;
  writeConfig(text: string): Promise<void>;
  /** A JSON file of the agent `main`; undefined where there is none. */
  agentFile<Shape>(name: string): Promise<Shape | undefined>;
  /** After CoderClaw has made the agent's folder. */
  writeAgentFile(name: string, content: object): Promise<void>;
  remove(): Promise<void>;
}

/** What is read of CoderClaw's configuration. */
export interface ConfigShape {
  gateway?: { auth?: { token?: string } };
  models?: { providers?: Record<string, ProviderShape> };
  agents?: { defaults?: { model?: { primary?: string }; models?: object } };
}

export interface ProviderShape {
  baseUrl: string;
  api: string;
  apiKey?: string;
  models: { id: string; contextWindow: number; maxTokens: number; cost: object; compat?: object }[];
}

/**
 * A home of its own for CoderClaw, with nothing of the machine's user: empty, or one in which CoderClaw has listed its models and has
 * run a gateway. CoderClaw may ask this machine only, not the npm registry for updates.
 */
export async function createCoderClawHome(product: string, { used }: { used: boolean }): Promise<CoderClawHome> {
  const root = await mkdtemp(join(tmpdir(), "adapter-coderclaw-"));
  const [home, workspace] = [join(root, "home"), join(root, "workspace")];
  for (const folder of [home, workspace]) await mkdir(folder);
  await writeFile(join(workspace, "notes.txt"), "the sky is green\n");
  const program = join(product, "coderclaw.mjs");
  const base = {
    ...agentEnvironment(),
    HOME: home,
    CODERCLAW_GATEWAY_PORT: String(await findFreePort()),
    CODERCLAW_DISABLE_BONJOUR: "1",
    NODE_USE_ENV_PROXY: "1",
    HTTPS_PROXY: "http://127.0.0.1:1",
    NO_PROXY: "127.0.0.1,localhost",
  };
  const coderclaw: CoderClawHome["coderclaw"] = (words, env = {}) =>
    runCommand(process.execPath, [program, ...words], workspace, { ...base, ...env });
  let turns = 0;

  async function turn(message: string, env: Variables): Promise<Turn> {
    turns += 1;
    const idempotencyKey = `turn-${turns}`;
    const params = { message, agentId: "main", idempotencyKey, sessionKey: `agent:main:${idempotencyKey}` };
    const words = ["gateway", "call", "agent", "--expect-final", "--json", "--timeout", "180000"];
    const { stdout, stderr } = await coderclaw([...words, "--params", JSON.stringify(params)], env);
    const start = stdout.indexOf("{");
    if (start < 0) return { text: "", error: stderr };
    const answer = JSON.parse(stdout.slice(start)) as { result?: { payloads?: { text?: string }[] } };
    return { text: (answer.result?.payloads ?? []).map(({ text }) => text ?? "").join("\n"), error: stderr };
  }

  async function startGatewayOnce(env: Variables = {}): Promise<Gateway> {
    const child = spawn(process.execPath, [program, "gateway", "run", "--allow-unconfigured"], {
      cwd: workspace,
      env: { ...base, ...env },
      // CoderClaw starts a process of its own for the gateway: they end together, as a group
      detached: true,
    });
    const kill = () => process.kill(-(child.pid as number), "SIGKILL");
    let log = "";
    child.stdout.on("data", (data: Buffer) => (log += data.toString()));
    child.stderr.on("data", (data: Buffer) => (log += data.toString()));
    const deadline = Date.now() + 90_000;
    // the browser service is the last that writes into the configuration
    while (!log.includes("[browser/service] Browser control service ready")) {
      if (Date.now() > deadline || child.exitCode !== null) {
        if (child.exitCode === null) kill();
        throw new Error(`The gateway did not start:\n${log.slice(-3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return {
      turn: (message) => turn(message, env),
      log: () => log,
      async stop() {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = once(child, "exit");
        kill();
        await ended;
      },
    };
  }

  /** Where CoderClaw keeps its state: the folder of the installation, which it makes where no configuration stood before. */
  async function stateDir(): Promise<string> {
    const flat = join(home, ".coderclaw");
    const names = await readdir(flat).catch(() => []);
    const id = names.find((name) => /^[0-9a-f]{8}$/.test(name));
    return id === undefined ? flat : join(flat, id);
  }

  async function configPath(): Promise<string> {
    const flat = join(home, ".coderclaw", "coderclaw.json");
    return (await readable(flat)) ? flat : join(await stateDir(), "coderclaw.json");
  }

  const result: CoderClawHome = {
    home,
    workspace,
    coderclaw,
    startGatewayOnce,
    openTerminal: (words, env = {}) =>
      openTerminal(process.execPath, [program, ...words], { cwd: workspace, env: { ...base, ...env } }),
    adapter: (words, env = {}) => runAdapter([...words, "--agent", "coderclaw"], workspace, { ...base, ...env }),
    async startGateway(env = {}) {
      const first = await startGatewayOnce(env);
      if (!first.log().includes("generated gateway.auth.token")) return first;
      await first.stop();
      return startGatewayOnce(env);
    },
    config: async () => JSON5.parse<ConfigShape>(await readFile(await configPath(), "utf8")),
    async writeConfig(text) {
      const path = await configPath();
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    },
    async agentFile<Shape>(name: string) {
      const path = join(await stateDir(), "agents", "main", "agent", name);
      return (await readable(path)) ? (JSON.parse(await readFile(path, "utf8")) as Shape) : undefined;
    },
    async writeAgentFile(name, content) {
      await coderclaw(["models", "list"]);
      const path = join(await stateDir(), "agents", "main", "agent", name);
      await writeFile(path, JSON.stringify(content), { mode: 0o600 });
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
  if (used) {
    await coderclaw(["models", "list"]);
    const gateway = await result.startGateway();
    await gateway.stop();
  }
  return result;
}

async function readable(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}
