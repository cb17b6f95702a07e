import { generateText, jsonSchema, Output, streamText } from "ai";
import type { Lab } from "@vllm-tooling/vllm-lab";
import { ask, createModel, createProvider, messageOf, type Peer, type Seen } from "./ask.ts";
import { startCuttingGateway, startPage, startStalled } from "./gateway.ts";
import { half, judge, quote, right, wrong, type Verdict } from "./row.ts";

export type Row = readonly [id: string, scenario: string, look: (peer: Peer, lab: Lab) => Promise<Verdict>];

const HELLO = "Hello there! How can I help you today?";
const PARIS = { city: "Paris", unit: "celsius" };
const withTools = { withTools: true };

/** On a server with both parsers. */
export const rowsOfParsers: readonly Row[] = [
  [
    "1",
    "text, emoji, look-alikes of events in the text",
    async (peer, lab) => {
      const [hello, emoji, markup] = [
        await ask(peer, lab, "Hello"),
        await ask(peer, lab, "emoji"),
        await ask(peer, lab, "markup"),
      ];
      const isRight = hello.text.includes(HELLO) && emoji.text.includes("👩‍👩‍👧‍👦") && markup.text.includes("data: [DONE]");
      return judge(isRight, "", hello);
    },
  ],
  [
    "2a",
    "reasoning is seen",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "Hello");
      return judge(seen.reasoning.includes("The user greets me"), "reasoning parts", seen);
    },
  ],
  [
    "2b",
    "reasoning is sent back, and counted by `/tokenize`",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "What time is it?", withTools);
      const turns = (seen.sent.at(-1)?.["messages"] ?? []) as Record<string, unknown>[];
      const turn = turns.find(({ role }) => role === "assistant") ?? {};
      if ("reasoning" in turn) return right("as `reasoning`");
      return "reasoning_content" in turn
        ? half("as `reasoning_content`, which `/tokenize` ignores")
        : wrong("not sent");
    },
  ],
  [
    "3",
    "one call",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "What is the weather in Paris?", withTools);
      return judge(JSON.stringify(seen.ran) === JSON.stringify([PARIS]), "", seen);
    },
  ],
  [
    "4",
    "two parallel calls",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "What is the weather in Paris and Tokyo?", withTools);
      return judge(seen.ran.length === 2 && seen.steps === 2, "", seen);
    },
  ],
  [
    "5",
    "a call without arguments",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "no arguments", withTools);
      return judge(JSON.stringify(seen.ran) === "[{}]", "", seen);
    },
  ],
  [
    "6",
    "nested arguments, unicode, quotes",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "nested arguments", withTools);
      return judge(JSON.stringify(seen.ran).includes('\\"b\\": [1, 2]'), "", seen);
    },
  ],
  [
    "7a",
    "broken JSON in a call: one turn",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "bad json", withTools);
      if (seen.ran.length > 0) return wrong(`ran with ${JSON.stringify(seen.ran[0])}`);
      if (seen.calls.length === 0) return right("asked again once; never handed over");
      return seen.calls.every((call) => call.invalid)
        ? right("handed over, marked invalid")
        : wrong("handed over, not marked");
    },
  ],
  [
    "7b",
    "the same in a tool loop",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "bad json", withTools);
      if (seen.ran.length > 0) return wrong("tool RUN");
      return right(`not run; ${seen.sent.length} requests, ${endOf(seen)}`);
    },
  ],
  [
    "8a",
    "token limit inside the reasoning",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "think forever", { maxOutputTokens: 60 });
      return judge(seen.finish === "length" && seen.errors.length === 0, "`length`", seen);
    },
  ],
  [
    "8b",
    "token limit inside a call, tool loop",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "long arguments", { ...withTools, maxOutputTokens: 60 });
      return seen.ran.length > 0
        ? wrong(`tool RUN with ${JSON.stringify(seen.ran[0]).slice(0, 60)}`)
        : right(`not run; ${seen.sent.length} requests, ${endOf(seen)}`);
    },
  ],
  [
    "9",
    "usage, with cached and reasoning tokens",
    async (peer, lab) => {
      await ask(peer, lab, "Hello");
      const { usage } = await ask(peer, lab, "Hello");
      if (usage.input === undefined) return wrong("empty by default (`includeUsage`)");
      return usage.cached !== undefined && usage.reasoning !== undefined && usage.reasoning > 0
        ? right(`${usage.cached} cached, ${usage.reasoning} reasoning`)
        : half(JSON.stringify(usage));
    },
  ],
  [
    "10",
    "tool loop, two turns, one after the other",
    async (peer, lab) => {
      const seen = await ask(peer, lab, "One after another: what time is it, and what is 17 * 23?", withTools);
      return judge(seen.steps === 3 && seen.ran.length === 2, "", seen);
    },
  ],
  [
    "11",
    "unknown model",
    async (peer, lab) => {
      const { errors } = await ask(peer, { ...lab, model: "lab/tinny" }, "Hello");
      return /lab\/tiny\b/.test(errors[0] ?? "") ? right(quote(errors[0])) : wrong(quote(errors[0]));
    },
  ],
  [
    "13",
    "context overflow: the numbers",
    async (peer, lab) => {
      const { errors } = await ask(peer, lab, "word ".repeat(9000), { maxRetries: 0 });
      const words = quote(errors[0]);
      return /prompt has \d+ tokens/.test(errors[0] ?? "") ? right(words) : half(words);
    },
  ],
  [
    "16a",
    "abort by signal",
    async (peer, lab) => {
      const before = await readMetric(lab, "generation_tokens_total");
      const abort = new AbortController();
      let count = 0;
      const types: string[] = [];
      for await (const part of streamText({
        model: createModel(peer, lab),
        prompt: "long answer",
        abortSignal: abort.signal,
      }).stream) {
        types.push(part.type);
        if (part.type === "text-delta" && ++count === 5) abort.abort();
      }
      const tokens = await tokensSince(lab, before);
      return tokens < 400 ? right(`stops after ${tokens} tokens, ${types.at(-1)} part`) : wrong(`${tokens} tokens`);
    },
  ],
  [
    "16b",
    "`break` out of the loop, the result dropped",
    async (peer, lab) => {
      const before = await readMetric(lab, "generation_tokens_total");
      await leaveEarly(peer, lab);
      for (let round = 0; round < 20 && (await readMetric(lab, "num_requests_running")) > 0; round++) {
        (globalThis as { gc?: () => void }).gc?.();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const tokens = await tokensSince(lab, before);
      return tokens < 700
        ? right(`stops after ${tokens} tokens, when the result is collected`)
        : wrong(`server goes on: ${tokens}`);
    },
  ],
  [
    "17c",
    "gateway ends the body cleanly, in text",
    async (peer, lab) => {
      await using gateway = await startCuttingGateway(lab.baseUrl, "Hello");
      const seen = await ask(peer, gateway, "Hello", { maxRetries: 0 });
      return seen.errors.length > 0 ? right(quote(seen.errors[0])) : wrong(`silent, ${seen.finish}`);
    },
  ],
  [
    "17d",
    "the same inside a call, tool loop",
    async (peer, lab) => {
      await using gateway = await startCuttingGateway(lab.baseUrl, "Par");
      const seen = await ask(peer, gateway, "What is the weather in Paris?", { ...withTools, maxRetries: 0 });
      if (seen.ran.length > 0) return wrong("tool RUN");
      if (seen.errors.length === 0) return wrong("not reported");
      return seen.sent.length === 1
        ? right(quote(seen.errors[0]))
        : half(`error, then ${seen.sent.length - 1} more requests`);
    },
  ],
  [
    "19",
    "silence in mid-answer, with a limit of 1 s set",
    async (peer) => {
      await using stalled = await startStalled();
      const limit = { timeout: { chunkMs: 1000 } };
      const seen = await ask(peer, stalled, "Hello", { ...limit, maxRetries: 0 });
      const how = seen.isAborted ? "abort part" : quote(seen.errors[0]);
      return seen.seconds < 5 ? right(`\`timeout.chunkMs\`: ${how}`) : wrong(`${seen.seconds.toFixed(0)} s`);
    },
  ],
  [
    "20",
    "structured output: the schema is on the wire",
    async (peer, lab) => {
      const sent: Record<string, unknown>[] = [];
      const schema = jsonSchema<{ city: string }>({
        type: "object",
        properties: { city: { type: "string" }, temperature: { type: "integer" } },
        required: ["city", "temperature"],
        additionalProperties: false,
      });
      try {
        const model = createModel(peer, lab, sent);
        const { output } = await generateText({
          model,
          prompt: "answer as json",
          output: Output.object({ schema }),
          maxRetries: 0,
        });
        return JSON.stringify(sent[0]).includes('"json_schema"')
          ? right(JSON.stringify(output))
          : wrong("no schema on the wire");
      } catch (error) {
        return wrong(quote(messageOf(error)));
      }
    },
  ],
  [
    "20b",
    "structured output together with tools: the tool is called",
    async (peer, lab) => {
      const output = Output.object({
        schema: jsonSchema<object>({ type: "object", properties: { city: { type: "string" } } }),
      });
      const seen = await ask(peer, lab, "What is the weather in Paris?", { ...withTools, output, maxRetries: 0 });
      return judge(seen.ran.length === 1, "called", seen);
    },
  ],
  [
    "20c",
    "the same: the final answer is JSON",
    async (peer, lab) => {
      const schema = jsonSchema<object>({
        type: "object",
        properties: { city: { type: "string", enum: ["Paris"] } },
        required: ["city"],
        additionalProperties: false,
      });
      const more = { ...withTools, output: Output.object({ schema }), maxRetries: 0, maxOutputTokens: 200 };
      const seen = await ask(peer, lab, "What is the weather in Paris?", more);
      const isCalled = seen.ran.length === 1;
      return judge(
        isCalled && /\{\s*"city"\s*:\s*"Paris"\s*\}\s*$/.test(seen.text),
        `${seen.sent.length} requests`,
        seen,
      );
    },
  ],
  [
    "21",
    "a picture to a model of text",
    async (peer, lab) => {
      const sent: Record<string, unknown>[] = [];
      const content = [{ type: "file" as const, mediaType: "image/png", data: PIXEL }];
      const error = await generateText({
        model: createModel(peer, lab, sent),
        messages: [{ role: "user", content }],
        maxRetries: 0,
      }).then(() => undefined, messageOf);
      return /text only|multimodal/.test(error ?? "") && /multimodal model\W*$/.test(error ?? "")
        ? half(quote(error))
        : right(quote(error));
    },
  ],
  [
    "22a",
    "a page with status 200",
    async (peer) => {
      await using page = await startPage(200);
      const { errors } = await ask(peer, page, "Hello", { maxRetries: 0 });
      return /text\/html|page/.test(errors[0] ?? "") ? right(quote(errors[0])) : half(quote(errors[0]));
    },
  ],
  [
    "22b",
    "a page with status 502",
    async (peer) => {
      await using page = await startPage(502);
      const { errors, sent } = await ask(peer, page, "Hello", { maxRetries: 1 });
      const words = `${sent.length} tries, ${quote(errors[0])}`;
      return errors[0]?.includes(page.baseUrl) === true ? right(words) : half(words);
    },
  ],
  [
    "22c",
    "the address without `/v1`",
    async (peer, lab) => {
      const seen = await ask(peer, { baseUrl: lab.baseUrl.replace(/\/v1$/, "") }, "Hello", { maxRetries: 0 });
      return seen.text.includes(HELLO) ? right("works") : wrong(quote(seen.errors[0]));
    },
  ],
  [
    "23",
    "vLLM's parameters: `topK`, and typed options",
    async (peer, lab) => {
      const { sent } = await ask(peer, lab, "Hello", { topK: 1 });
      return sent[0]?.["top_k"] === 1
        ? right("`topK` is sent; `VllmLanguageModelOptions`")
        : wrong("`topK` is not sent; untyped");
    },
  ],
  [
    "24",
    "models that are served, with their windows",
    async (peer, lab) => {
      const provider = createProvider(peer, lab);
      if (!("client" in provider)) return wrong("no call");
      const [model] = await provider.client.models();
      return model?.maxModelLen === 8192 ? right("`vllm.client.models()`: 8192") : wrong(JSON.stringify(model));
    },
  ],
  [
    "25",
    "tokens of a prompt, counted before it is sent",
    async (peer, lab) => {
      const provider = createProvider(peer, lab);
      if (!("client" in provider)) return wrong("no call");
      const count = await provider.client.countTokens({ messages: [{ role: "user", content: "Hello" }] });
      const { usage } = await ask(peer, lab, "Hello");
      const words = `\`vllm.client.countTokens()\`: ${count}, usage says ${usage.input}`;
      return count === usage.input ? right(words) : wrong(words);
    },
  ],
];

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

function endOf({ errors, text }: Seen): string {
  if (errors.length > 0) return quote(errors[0]);
  return text.trim() === "" ? "then nothing" : "then the answer";
}

/** In a function of its own, so that nothing of the result is left. */
async function leaveEarly(peer: Peer, lab: Lab): Promise<void> {
  let count = 0;
  for await (const _ of streamText({ model: createModel(peer, lab), prompt: "long answer" }).textStream)
    if (++count === 5) break;
}

async function readMetric(lab: Lab, name: string): Promise<number> {
  const metrics = await (await fetch(lab.baseUrl.replace("/v1", "/metrics"))).text();
  return Number(new RegExp(`^vllm:${name}\\{[^}]*\\} ([\\d.e+]+)$`, "m").exec(metrics)?.[1]);
}

/** Tokens that were made since, once nothing runs any more. */
async function tokensSince(lab: Lab, before: number): Promise<number> {
  while ((await readMetric(lab, "num_requests_running")) > 0) await new Promise((resolve) => setTimeout(resolve, 200));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (await readMetric(lab, "generation_tokens_total")) - before;
}
