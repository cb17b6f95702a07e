// What a program does with the packages that promise to run anywhere. Prints one line of JSON; `check-runtimes.ts` compares the lines.
import { createVllmClient, defineTool, VllmError } from "@vllm/client";
import { discoverServer, toModelEntries } from "@vllm/discovery";
import { normalizeBaseUrl, parseHostConfig } from "@vllm/schema";
import * as z from "zod";
import settings from "./settings.json" with { type: "json" };

const { baseUrl, apiKey, closedUrl } = settings;
const model = "lab/tiny";
const messages = [{ role: "user", content: "What time is it and what is 17 * 23?" }];
const vllm = createVllmClient({ baseUrl, apiKey });

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

console.log(
  JSON.stringify({
    server: { state: report.state, version: report.version, models: toModelEntries(report.models) },
    findings: report.findings.map((finding) => finding.code),
    chat: { eventTypes, thinking, text, toolCalls, finishReason, usage },
    forEach: { sameText: each.text === eachText, text: each.text },
    didBreak: toldBeforeBreak !== "",
    tokens: await vllm.countTokens({ model, messages }),
    unknownModel: await toError(() => vllm.complete({ model: "lab/tinny", messages })),
    wrongKey: await toError(() => createVllmClient({ baseUrl, apiKey: "wrong" }).complete({ model, messages })),
    nothingThere: await toError(() =>
      createVllmClient({ baseUrl: closedUrl, apiKey, retry: { maxRetries: 0 } }).complete({ model, messages }),
    ),
    nothingFound: (await discoverServer({ baseUrl: closedUrl, apiKey })).findings.map(({ code }) => code),
    badConfig: await toError(() =>
      parseHostConfig("{ models: { providers: { vllm: { api: 1 } } } }", { env: {}, path: "a" }),
    ),
    pasted: normalizeBaseUrl("localhost:8000/v1/chat/completions"),
  }),
);

async function toError(attempt) {
  try {
    await attempt();
    return "no error";
  } catch (error) {
    return VllmError.isInstance(error) ? { code: error.code, message: error.message, hint: error.hint } : String(error);
  }
}
