/**
 * What `strictTools` costs and prevents, on a real vLLM: `pnpm --filter @vllm/client measure:strict`. Writes docs/data/strict-tools.json.
 * The model is the lab's, which says what it is told; a grammar is stronger than that, as it is with every model.
 */
import { writeFile } from "node:fs/promises";
import { createVllmClient, type ChatResult, type FunctionTool } from "@vllm/client";
import { startLab } from "@vllm-tooling/vllm-lab";
import { CALLS_WITH_SLIPS, GOOD_CALLS, isBroken, spaced, TOOLS, type Slip } from "./slips.ts";

const OUTPUT = new URL("../../../../docs/data/strict-tools.json", import.meta.url);
const FLAGS = ["--enable-prompt-tokens-details", "--block-size", "32", "--max-model-len", "8192"];
const VERSION = "0.32.0";

await using lab = await startLab({ model: "tiny", flags: FLAGS });
const client = createVllmClient({
  baseUrl: lab.baseUrl,
  apiKey: "",
  model: "lab/tiny",
  timeouts: { firstTokenMs: 120_000 },
});

function ask(tools: readonly FunctionTool[], strictTools: boolean, text: string): Promise<ChatResult> {
  const content = `Say exactly: <tool_call>\n${text}\n</tool_call>`;
  const messages = [{ role: "user" as const, content }];
  return client.complete({ messages, tools, strictTools, temperature: 0, max_tokens: 200 });
}

const outcomes = { withoutStrict: await countBroken(false), withStrict: await countBroken(true) };
const firstCallMs = { withoutStrict: await timeCalls(false), withStrict: await timeCalls(true) };
const prompt = await comparePrompts();
const figures = {
  provenance: {
    vllm: VERSION,
    command: lab.command,
    measured: new Date().toISOString().slice(0, 10),
    by: "packages/client/test/strict-tools/measure.ts",
    model: "the lab's tiny model with scripted replies, tool parser hermes, CPU, two cores shared with other work",
  },
  ofHundredCallsWithASlip: outcomes,
  firstCallMs,
  prompt,
};
await writeFile(OUTPUT, `${JSON.stringify(figures, undefined, 2)}\n`);
process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);

/**
 * What became of a hundred calls with a slip. A call that a grammar turns away from its script goes on with the toy model's random words, often
 * up to the token limit: it is truncated then, and never handed over.
 */
async function countBroken(strict: boolean): Promise<object> {
  const counts = { wrongAndHandedOver: 0, refused: 0, truncated: 0, repaired: 0, good: 0 };
  for (const slip of CALLS_WITH_SLIPS) {
    const { toolCalls, ending } = await ask(TOOLS, strict, slip.text);
    if (ending === "truncated") counts.truncated += 1;
    else if (toolCalls.length === 0 || toolCalls.some((call) => call.arguments === undefined)) counts.refused += 1;
    else if (isBroken(toolCalls)) counts.wrongAndHandedOver += 1;
    else if (toolCalls.some((call) => call.repaired === true)) counts.repaired += 1;
    else counts.good += 1;
  }
  return { ...counts, brokenOfTenGoodCalls: await countGood(strict) };
}

async function countGood(strict: boolean): Promise<number> {
  let broken = 0;
  for (const { text } of GOOD_CALLS) if (isBroken((await ask(TOOLS, strict, text)).toolCalls)) broken += 1;
  return broken;
}

/** The first and the second request with tools that the server has never seen, twenty at a time as agents have them. */
async function timeCalls(strict: boolean): Promise<object> {
  const first: number[] = [];
  const second: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const tools = Array.from({ length: 20 }, (_, index) => toUnseen(TOOLS[index % 2], `${strict}_${round}_${index}`));
    const name = tools[0]?.function.name ?? "";
    const good: Slip = { kind: "none", text: spaced({ name, arguments: { city: "Paris", unit: "celsius" } }) };
    for (const times of [first, second]) {
      const start = performance.now();
      await ask(tools, strict, good.text);
      times.push(performance.now() - start);
    }
  }
  return { first: median(first), second: median(second), rounds: first.length, tools: 20 };
}

function toUnseen(tool: FunctionTool | undefined, suffix: string): FunctionTool {
  if (tool === undefined) throw new Error("There is no such tool.");
  return { ...tool, function: { ...tool.function, name: `${tool.function.name}_${suffix}` } };
}

/** Whether the mark is in the prompt, and what a conversation keeps of the prefix cache when it comes in the middle. */
async function comparePrompts(): Promise<object> {
  const tools = Array.from({ length: 20 }, (_, index) => toUnseen(TOOLS[index % 2], `prompt_${index}`));
  const text = spaced({ name: tools[0]?.function.name, arguments: { city: "Paris", unit: "celsius" } });
  const cached = async (strict: boolean) => {
    const { usage } = await ask(tools, strict, text);
    return { prompt: usage?.prompt_tokens, cached: usage?.prompt_tokens_details?.cached_tokens };
  };
  return {
    unmarkedFirst: await cached(false),
    unmarkedAgain: await cached(false),
    markedAfterUnmarked: await cached(true),
    markedAgain: await cached(true),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? Number.NaN);
}
