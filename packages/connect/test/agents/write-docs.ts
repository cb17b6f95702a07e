import { readFile, writeFile } from "node:fs/promises";
import type { OwnPrompt } from "../../src/agents/agent.ts";
import { AGENTS } from "../../src/agents/agents.ts";
import { TOKENIZER } from "./count-tokens.ts";
import type { AgentResult } from "./run-cases.ts";

const RESULTS = new URL("results.json", import.meta.url);
const DOCS = new URL("../../../../docs/agents.md", import.meta.url);

export async function readResults(): Promise<AgentResult[]> {
  return JSON.parse(await readFile(RESULTS, "utf8").catch(() => "[]")) as AgentResult[];
}

/** Keeps a result among the others, writes docs/agents.md anew, and the size of the agent's own prompt into its file. */
export async function keepResult(result: AgentResult): Promise<void> {
  const others = (await readResults()).filter(({ id }) => id !== result.id);
  const order = AGENTS.map(({ id }) => id);
  const results = [...others, result].toSorted((one, two) => order.indexOf(one.id) - order.indexOf(two.id));
  await writeFile(RESULTS, `${JSON.stringify(results, undefined, 2)}\n`);
  await writeFile(DOCS, renderDocs(results));
  await writeOwnPrompt(result);
}

export function toOwnPrompt({ promptTokens, version }: AgentResult): OwnPrompt {
  return { tokens: Math.ceil(promptTokens / 100) * 100, agentVersion: version, tokenizer: TOKENIZER };
}

async function writeOwnPrompt(result: AgentResult): Promise<void> {
  const file = new URL(`../../src/agents/${result.id}.ts`, import.meta.url);
  const text = await readFile(file, "utf8");
  const { tokens, agentVersion, tokenizer } = toOwnPrompt(result);
  const figure = tokens < 10_000 ? String(tokens) : tokens.toLocaleString("en-US").replaceAll(",", "_");
  const literal = `ownPrompt: { tokens: ${figure}, agentVersion: "${agentVersion}", tokenizer: "${tokenizer}" }`;
  await writeFile(file, text.replace(/ownPrompt: \{[^}]*\}/, literal));
}

export function renderDocs(results: readonly AgentResult[]): string {
  const rows = results.map(({ id, version, promptTokens, cases }) => {
    const cells = Object.values(cases).map(
      ({ outcome, isRight, requests }) => `${isRight ? "" : "✖ "}${outcome} (${requests})`,
    );
    return `| ${[labelOf(id), version, promptTokens.toLocaleString("en-US"), ...cells].join(" | ")} |`;
  });
  const names = Object.keys(results[0]?.cases ?? {});
  const head = ["agent", "version", "own prompt", ...names];
  return [
    "# Agents on a real vLLM",
    "",
    `<!-- Written by \`pnpm test:agents\`, from packages/connect/test/agents/results.json. -->`,
    "",
    "Each agent was installed from npm and started with `vllm-connect launch` on a real vLLM 0.32.0 (`tooling/vllm-lab`), whose model says what a script tells it: one prompt that makes the agent run a command, a tool call that is truncated in the middle of its arguments, a wrong key, a server that is down, a window that the agent's own prompt does not fit (with `--anyway`; without it `launch` does not start), and a tool result after which the conversation does not fit. In brackets: the requests with tools that reached vLLM.",
    "",
    `The size of an agent's own prompt (system text, tools, one short question) is counted with ${TOKENIZER}'s tokenizer; other models differ by some percent.`,
    "",
    `| ${head.join(" | ")} |`,
    `| ${head.map(() => "---").join(" | ")} |`,
    ...rows,
    "",
    ...results.flatMap(renderAgent),
  ].join("\n");
}

function renderAgent({ id, version, date, cases }: AgentResult): string[] {
  return [
    `## ${labelOf(id)} ${version}`,
    "",
    `Measured on ${date}. Start it: \`npx @vllm/connect launch ${id}\`. Set it up yourself: \`npx @vllm/connect print ${id}\`.`,
    "",
    ...Object.entries(cases).flatMap(([name, { transcript }]) => [`${name}:`, "", "```text", transcript, "```", ""]),
  ];
}

function labelOf(id: string): string {
  return AGENTS.find((agent) => agent.id === id)?.label ?? id;
}
