// What a program does with the packages that promise to run anywhere; `check-runtimes.ts` compares what comes out.
import { createVllm } from "@vllm/ai-sdk-provider";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { createVllmClient, defineTool, VllmError } from "@vllm/client";
import { runTools } from "@vllm/client/run";
import { discoverServer, toModelEntries } from "@vllm/discovery";
import { normalizeBaseUrl, parseHostConfig } from "@vllm/schema";
import * as z from "zod";
import settings from "./settings.json" with { type: "json" };

const { baseUrl, apiKey, closedUrl, fallsSilentUrl } = settings;
const model = "lab/tiny";
const messages = [{ role: "user", content: "What time is it and what is 17 * 23?" }];
// Made once for all requests, as a program does: on Cloudflare Workers a request must not need what another one has made.
const vllm = createVllmClient({ baseUrl, apiKey });
const hasty = createVllmClient({ baseUrl: fallsSilentUrl, model, timeouts: { firstTokenMs: 1600, idleMs: 1600 } });

const provider = createVllm({ baseURL: baseUrl, apiKey });
const bridged = createBridgeFetch();
const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
const BRIDGE_TOOL = {
  type: "function",
  function: { name: "clock", description: "The time", parameters: { type: "object", properties: {} } },
};

const RUNNABLE = [
  defineTool({ name: "clock", description: "The time", parameters: z.object({}), execute: () => "12:30" }),
  defineTool({
    name: "calculator",
    description: "Calculates",
    parameters: z.object({ expression: z.string() }),
    execute: async ({ expression }) => (expression === "17 * 23" ? "391" : "?"),
  }),
];

export async function flow() {
  const report = await discoverServer({ baseUrl, apiKey });
  const reply = vllm.chat({
    model,
    messages,
    tools: [
      defineTool({ name: "clock", description: "The time", parameters: z.object({}) }),
      defineTool({ name: "calculator", description: "Calculates", parameters: z.object({ expression: z.string() }) }),
    ],
  });
  const eventTypes = [];
  for await (const event of reply) if (event.type !== eventTypes.at(-1)) eventTypes.push(event.type);
  const { thinking, text, toolCalls, finishReason, usage } = await reply.result();

  const run = runTools(vllm, { model, messages, tools: RUNNABLE });
  const runTypes = [];
  for await (const event of run) if (event.type !== runTypes.at(-1)) runTypes.push(event.type);
  const ran = await run.result();

  let eachText = "";
  const each = await vllm.chat({ model, messages: [{ role: "user", content: "hello" }] }).forEach((event) => {
    if (event.type === "text_delta") eachText += event.delta;
  });

  let toldBeforeBreak = "";
  for await (const event of vllm.chat({ model, messages: [{ role: "user", content: "long: tell me everything" }] })) {
    if (event.type !== "text_delta") continue;
    toldBeforeBreak = event.delta;
    break;
  }

  const stop = new AbortController();
  const stopped = await toError(async () => {
    const answer = vllm.chat(
      { model, messages: [{ role: "user", content: "long: once more" }] },
      { signal: stop.signal },
    );
    for await (const event of answer) if (event.type === "text_delta") stop.abort();
  });

  return {
    server: { state: report.state, version: report.version, models: toModelEntries(report.models) },
    findings: report.findings.map((finding) => finding.code),
    chat: { eventTypes, thinking, text, toolCalls, finishReason, usage },
    run: { eventTypes: runTypes, text: ran.text, roles: ran.messages.map(({ role }) => role), usage: ran.usage },
    forEach: { sameText: each.text === eachText, text: each.text },
    didBreak: toldBeforeBreak !== "",
    tokens: await vllm.countTokens({ model, messages }),
    unknownModel: await toError(() => vllm.complete({ model: "lab/tinny", messages })),
    wrongKey: await toError(() => createVllmClient({ baseUrl, apiKey: "wrong" }).complete({ model, messages })),
    nothingThere: await toError(() =>
      createVllmClient({ baseUrl: closedUrl, apiKey, retry: { maxRetries: 0 } }).complete({ model, messages }),
    ),
    nothingFound: (await discoverServer({ baseUrl: closedUrl, apiKey })).findings.map(({ code }) => code),
    stopped,
    silent: (await toError(() => hasty.complete({ messages, stop: "silence" }))).code,
    badConfig: await toError(() =>
      parseHostConfig("{ models: { providers: { vllm: { api: 1 } } } }", { env: {}, path: "a" }),
    ),
    pasted: normalizeBaseUrl("localhost:8000/v1/chat/completions"),
    bridge: {
      calls: await askBridge({ messages, tools: [BRIDGE_TOOL] }),
      streamed: await askBridge({ messages: [{ role: "user", content: "hello" }], stream: true, store: true }),
      unknownModel: await askBridge({ messages, model: "lab/tinny" }),
      stopped: await stopBridged(),
      models: await (await bridged(`${baseUrl}/models`, { headers })).json(),
    },
    provider: { parts: await readParts("hello"), stopped: await stopParts(), ranks: await rankNothing() },
    // The last one, so that a worker's request ends with whatever it keeps running for the next.
    whole: (await hasty.complete({ messages })).text,
  };
}

/** What the bridge inside this program answers, as an OpenAI client gets it. */
async function askBridge(body) {
  const init = { method: "POST", headers, body: JSON.stringify({ model, ...body }) };
  const answer = await bridged(`${baseUrl}/chat/completions`, init);
  return { status: answer.status, text: (await answer.text()).replaceAll(/"created":\d+/g, "") };
}

/** What the AI SDK reads. */
async function readParts(text) {
  const { stream } = await provider(model).doStream({ prompt: [{ role: "user", content: [{ type: "text", text }] }] });
  let told = "";
  // How the text is cut into deltas is a matter of when its bytes come.
  for await (const part of iterate(stream)) told += part.type.endsWith("-delta") ? part.delta : ` [${part.type}] `;
  return told;
}

async function stopParts() {
  const prompt = [{ role: "user", content: [{ type: "text", text: "long: for the AI SDK" }] }];
  const { stream } = await provider(model).doStream({ prompt });
  const reader = stream.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return value.type;
}

async function rankNothing() {
  try {
    return await provider.rerankingModel(model).doRerank({ query: "a", documents: { type: "text", values: ["b"] } });
  } catch (error) {
    return { message: error.message, statusCode: error.statusCode, isRetryable: error.isRetryable };
  }
}

/** Not every runtime iterates over streams. */
async function* iterate(stream) {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

/** A reader that leaves in mid-answer. */
async function stopBridged() {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "long: in a fetch" }], stream: true });
  const answer = await bridged(`${baseUrl}/chat/completions`, { method: "POST", headers, body });
  const reader = answer.body.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  return { status: answer.status, done };
}

async function toError(attempt) {
  try {
    await attempt();
    return "no error";
  } catch (error) {
    return VllmError.isInstance(error) ? { code: error.code, message: error.message, hint: error.hint } : String(error);
  }
}
