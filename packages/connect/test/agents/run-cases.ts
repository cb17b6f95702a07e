import { access, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { installPackages } from "@vllm-tooling/install";
import { agentEnvironment, runAdapter } from "../agent-process.ts";
import type { Ended } from "../agent-process.ts";
import { promptText } from "./count-tokens.ts";
import type { RealAgent } from "./real-agents.ts";
import type { RecordingProxy } from "./recording-proxy.ts";
import { startRecordingProxy } from "./recording-proxy.ts";
import { PROMPTS } from "./write-replies.ts";

export const KEY = "sk-of-the-lab";

/** What one case showed. */
export interface CaseResult {
  /** In words fit for a table. */
  outcome: string;
  isRight: boolean;
  /** Requests of the agent that offered tools. */
  requests: number;
  /** What the agent and `launch` wrote last. */
  transcript: string;
}

export interface AgentResult {
  id: string;
  version: string;
  vllm: string;
  date: string;
  /** By the tokenizer of a real model. */
  promptTokens: number;
  cases: Record<string, CaseResult>;
}

export interface Servers {
  /** A window for everything, and a key. */
  large: string;
  /** A window that no agent's prompt fits. */
  tiny: string;
  /** Starts one of a given window, for `work`. */
  withWindow<Result>(window: number, work: (baseUrl: string) => Promise<Result>): Promise<Result>;
}

interface Run extends Ended {
  proxy: RecordingProxy;
  hasFile: boolean;
}

export async function runCases(
  agent: RealAgent,
  servers: Servers,
  count: (text: string) => number,
  /** Called after each case. */
  onCase: (name: string, result: CaseResult) => void,
): Promise<AgentResult> {
  const [version = ""] = Object.values(agent.packages);
  const programs = join(await installPackages(`agent-${agent.id}`, agent.packages), "node_modules", ".bin");

  async function launch(upstream: string, words: readonly string[], env: Record<string, string> = {}): Promise<Run> {
    const proxy = await startRecordingProxy(upstream);
    return launchOn(proxy.baseUrl, proxy, words, env);
  }

  async function launchOn(
    baseUrl: string,
    proxy: RecordingProxy,
    words: readonly string[],
    env: Record<string, string>,
  ): Promise<Run> {
    const home = await mkdtemp(join(tmpdir(), `real-${agent.id}-`));
    const workspace = join(home, "work");
    await mkdir(workspace);
    const machine = agentEnvironment();
    try {
      const ended = await runAdapter(["launch", agent.id, "--base-url", baseUrl, ...words], workspace, {
        ...machine,
        HOME: home,
        // By which opencode finds its folder.
        PWD: workspace,
        XDG_CACHE_HOME: join(home, ".cache"),
        PATH: `${programs}:${machine["PATH"] ?? ""}`,
        ...agent.env,
        ...env,
      });
      const works = agent.workspace === undefined ? workspace : join(home, agent.workspace);
      const hasFile = await access(join(works, "ran.txt")).then(
        () => true,
        () => false,
      );
      return { ...ended, proxy, hasFile };
    } finally {
      proxy.close();
      await rm(home, { recursive: true, force: true });
    }
  }

  const withKey = { VLLM_API_KEY: KEY };
  const asking = (prompt: string): string[] => ["--", ...agent.ask(`${prompt} ${agent.id}`)];

  const cases: AgentResult["cases"] = {};
  function show(name: string, run: Run, isRight: boolean, outcome: string): void {
    cases[name] = toResult(run, isRight, outcome);
    onCase(name, cases[name]);
  }

  const tool = await launch(servers.large, asking(PROMPTS.tool), withKey);
  show("tool", tool, tool.code === 0 && tool.hasFile, tool.hasFile ? "it ran" : "it did not run");
  const opening = tool.proxy.chats[0]?.body;
  // Nothing can be measured of an agent that does not ask.
  if (opening === undefined) throw new Error(`no request came; it wrote:\n${cases["tool"]?.transcript}`);
  const promptTokens = count(promptText(opening));

  const truncated = await launch(servers.large, asking(PROMPTS.truncated), withKey);
  show(
    "truncated",
    truncated,
    truncated.proxy.chats.length > 0 && !truncated.hasFile,
    truncated.hasFile ? "it RAN" : "not run",
  );

  const wrongKey = await launch(servers.large, asking(PROMPTS.tool), { VLLM_API_KEY: "sk-wrong" });
  const wasRefused = wrongKey.code !== 0 && wrongKey.proxy.chats.length === 0;
  show("wrong key", wrongKey, wasRefused, `exit ${wrongKey.code}, not started`);

  const gone = await startRecordingProxy(servers.large);
  gone.close();
  const down = await launchOn(gone.baseUrl, gone, asking(PROMPTS.tool), {});
  show("server down", down, down.code === 3, `exit ${down.code}, not started`);

  const ownPrompt = await launch(servers.tiny, ["--anyway", ...asking(PROMPTS.tool)]);
  show("own prompt too large", ownPrompt, ownPrompt.proxy.chats.length <= 2, `exit ${ownPrompt.code}`);

  const needed = Number(/([\d,]+) tokens in/.exec(tool.stderr)?.[1]?.replaceAll(",", "") ?? 0) / 2;
  const window = Math.ceil(Math.max(needed, 2 * promptTokens) / 1024) * 1024 + 6144;
  const conversation = await servers.withWindow(window, (baseUrl) =>
    launch(baseUrl, ["--anyway", ...asking(PROMPTS.long)]),
  );
  const refused = conversation.proxy.chats.filter(({ status }) => status === 400).length;
  const asked = conversation.proxy.chats.length;
  show(
    "conversation too large",
    conversation,
    asked > 0 && refused <= 2,
    `exit ${conversation.code}, ${refused} refused`,
  );

  const date = new Date().toISOString().slice(0, 10);
  return { id: agent.id, version, vllm: "0.32.0", date, promptTokens, cases };
}

const SHOWN_LINES = 12;

/** What an agent says of itself and of this machine. */
function isNoise(line: string): boolean {
  return /bubblewrap|[Rr]ipgrep|no sandbox|PATH aliases|DeprecationWarning|^\s+at /.test(line);
}

function toResult({ stdout, stderr, proxy }: Run, isRight: boolean, outcome: string): CaseResult {
  const lines = stripVTControlCharacters(`${stdout}\n${stderr}`)
    .replaceAll(/\/tmp\/\S+/g, "…")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .split("\n")
    .map((line) => line.trimEnd().slice(0, 400))
    .filter((line) => line !== "" && !isNoise(line));
  return { outcome, isRight, requests: proxy.chats.length, transcript: lines.slice(-SHOWN_LINES).join("\n") };
}
