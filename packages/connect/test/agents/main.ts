/** `pnpm test:agents [agent…]`: real agents, started by `launch`, on a real vLLM. Writes results.json and docs/agents.md. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LabError, startLab } from "@vllm-tooling/vllm-lab";
import type { Lab } from "@vllm-tooling/vllm-lab";
import { loadTokenizer } from "./count-tokens.ts";
import { REAL_AGENTS } from "./real-agents.ts";
import type { Servers } from "./run-cases.ts";
import { KEY, runCases } from "./run-cases.ts";
import { keepResult } from "./write-docs.ts";
import { writeReplies } from "./write-replies.ts";

const labPython = fileURLToPath(new URL("../../../../tooling/vllm-lab/python", import.meta.url));
const LARGE = 131_072;
const TINY = 2048;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const names = process.argv.slice(2);
const ids = REAL_AGENTS.map(({ id }) => id);
if (names.some((name) => !ids.includes(name))) {
  say(
    `Usage: pnpm test:agents [agent…]\nAgents: ${ids.join(", ")}; all of them if none is named. Takes about two minutes each.`,
  );
  process.exit(names.includes("--help") ? 0 : 2);
}
const agents = REAL_AGENTS.filter(({ id }) => names.length === 0 || names.includes(id));
const folder = await mkdtemp(join(tmpdir(), "real-agents-"));
const running = new Set<Lab>();

async function start(window: number, apiKey?: string): Promise<Lab> {
  const lab = await startLab({
    flags: [
      `--max-model-len=${window}`,
      "--served-model-name=Qwen/Qwen3-8B",
      "--logits-processors=agent_script:Scripted",
      "--enable-auto-tool-choice",
      "--tool-call-parser=hermes",
      "--reasoning-parser=qwen3",
      "--enable-prompt-tokens-details",
    ],
    apiKey,
    env: { PYTHONPATH: `${labPython}:${folder}`, LAB_SCRIPT: join(folder, "replies.json") },
  });
  running.add(lab);
  return lab;
}

async function stop(lab: Lab): Promise<void> {
  running.delete(lab);
  await lab.stop();
}

try {
  await writeReplies(join(folder, "replies.json"), agents);
  const count = await loadTokenizer();
  const [large, tiny] = await Promise.all([start(LARGE, KEY), start(TINY)]);
  const servers: Servers = {
    large: large.baseUrl,
    tiny: tiny.baseUrl,
    async withWindow(window, work) {
      const lab = await start(window);
      try {
        return await work(lab.baseUrl);
      } finally {
        await stop(lab);
      }
    },
  };
  for (const agent of agents) {
    say(agent.id);
    try {
      const result = await runCases(agent, servers, count, (name, { outcome, isRight, requests }) => {
        say(`  ${isRight ? "✔" : "✖"} ${name}: ${outcome}, ${requests} requests`);
        if (!isRight) process.exitCode = 1;
      });
      await keepResult(result);
    } catch (error) {
      // The others are still worth their time.
      say(`  ✖ not finished: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  say(`${error.message}\n${error.hint}`);
  process.exitCode = 1;
} finally {
  await Promise.all([...running].map(stop));
  await rm(folder, { recursive: true, force: true });
}
