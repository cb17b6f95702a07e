// What programs write against the packages that run anywhere; `check-types.ts` compiles it with every TypeScript that is supported.
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { createVllmClient, defineTool, VllmError } from "@vllm/client";
import type { ChatEvent, ChatMessage, ChatParams, ChatReply, ChatResult, VllmClientOptions } from "@vllm/client";
import { createOpenAI } from "@vllm/client/openai";
import { runTools } from "@vllm/client/run";
import type { RunEvent, RunResult } from "@vllm/client/run";
import { discoverServer, pickDefaultModel } from "@vllm/discovery";
import { modelListSchema, parseHostConfig } from "@vllm/schema";
import { normalizeBaseUrl } from "@vllm/schema/core";
import { createFetch } from "@vllm/transport";
import { z } from "zod";

const options: VllmClientOptions = { baseUrl: "localhost:8000", timeouts: { idleMs: false } };
const vllm = createVllmClient({ ...options, profile: async (model) => (model === "m" ? {} : undefined) });
const city = z.object({ city: z.string() });
const getWeather = defineTool({
  name: "get_weather",
  parameters: city,
  execute: async (args, { signal }) => (signal.aborted ? "stopped" : args.city.toUpperCase()),
});
const getTime = defineTool({
  name: "get_time",
  parameters: { type: "object", properties: {} },
  execute: () => [{ type: "text", text: "noon" }],
});

export async function ask(params: ChatParams, onEvent: (event: ChatEvent) => void): Promise<ChatResult> {
  const reply: ChatReply = vllm.chat(params, { signal: new AbortController().signal });
  for await (const event of reply) onEvent(event);
  return reply.result();
}

export async function run(messages: ChatMessage[], onEvent: (event: RunEvent) => void): Promise<RunResult> {
  const events = runTools(vllm, { messages, tools: [getWeather, getTime], stopWhen: ({ steps }) => steps.length > 3 });
  for await (const event of events) onEvent(event);
  return events.result();
}

export async function extract(messages: ChatMessage[]): Promise<string> {
  const { output } = await vllm.complete({ messages, outputSchema: city, top_k: 20 });
  const tools = [{ type: "function" as const, function: { name: "f", parameters: z.toJSONSchema(city) } }];
  for await (const chunk of vllm.chat({ messages, tools }).rawChunks()) {
    if (chunk.choices[0]?.delta.reasoning != null) return chunk.choices[0].delta.reasoning;
  }
  return output.city;
}

export function explain(error: unknown): string {
  if (!VllmError.isInstance(error)) return "unknown";
  return error.code === "CONTEXT_LENGTH_EXCEEDED" ? `${error.maxModelLen ?? 0}` : error.hint;
}

export async function windows(): Promise<(number | null | undefined)[]> {
  const report = await discoverServer({ baseUrl: normalizeBaseUrl("localhost:8000").apiRoot });
  const models = await vllm.models();
  const { data } = await createOpenAI({ fetch: createBridgeFetch() }).models.list();
  const listed = modelListSchema.parse({ data });
  const config = parseHostConfig("{}", { env: {} });
  return [
    pickDefaultModel(report.models)?.contextWindow,
    models[0]?.maxModelLen,
    data[0]?.max_model_len,
    listed.data[0]?.max_model_len,
    Object.keys(config).length,
    (await createFetch()("http://127.0.0.1:8000/health")).status,
  ];
}
