import { createVllmClient, type ChatParams, type VllmClient, type VllmClientOptions } from "@vllm/client";
import type { ServedTarget, ServeOptions, Target } from "@vllm-tooling/contract";
import { createControlledStream, type ControlledStream } from "@vllm-tooling/fake-vllm";
import { loadFixture } from "@vllm-tooling/fixtures";
import { collect, type Collected } from "../support/collect.ts";

export const HELLO = "\n\nHello there! How can I help you today?";
export const HELLO_THOUGHT = "\nThe user greets me. I greet back.\n";
export const PARIS = { city: "Paris", unit: "celsius" };
export const TOKYO = { city: '東京 "quoted" \\ back', unit: "celsius" };

export const WEATHER: NonNullable<ChatParams["tools"]>[number] = {
  type: "function",
  function: {
    name: "get_weather",
    parameters: { type: "object", properties: { city: { type: "string" }, unit: { type: "string" } } },
  },
};

/** A plain question with tools, for answers that do not depend on the question. */
export const QUESTION: ChatParams = {
  messages: [{ role: "user", content: "Hello" }],
  tools: [WEATHER, { type: "function", function: { name: "now" } }],
};

export interface Conversation extends Collected {
  client: VllmClient;
  served: ServedTarget;
}

export interface ConversationOptions {
  client?: VllmClientOptions;
  params?: Partial<ChatParams>;
  serve?: ServeOptions;
}

export function clientOf(served: ServedTarget, options: VllmClientOptions = {}): VllmClient {
  return createVllmClient({ baseUrl: served.baseUrl, model: served.model, fetch: served.fetch, ...options });
}

/** Asks what was asked in the recording. */
export async function ask(
  target: Target,
  id: string,
  { client, params, serve }: ConversationOptions = {},
): Promise<Conversation> {
  const served = await target.serve(id, serve);
  const ours = clientOf(served, client);
  return { ...(await collect(ours.chat({ ...paramsOf(id), ...params }))), client: ours, served };
}

/** Reads a recorded answer, whatever was asked for it. */
export async function play(
  target: Target,
  id: string,
  { client, params, serve }: ConversationOptions = {},
): Promise<Conversation> {
  const served = await target.serve(id, serve);
  const ours = clientOf(served, client);
  return { ...(await collect(ours.chat({ ...QUESTION, ...params }))), client: ours, served };
}

/** The request of a recording, as a caller of the client would write it. */
export function paramsOf(id: string): ChatParams {
  const { model: _, stream: __, stream_options: ___, ...params } = loadFixture(id).request.body as ChatParams;
  return params;
}

/** What was sent as the last chat request. */
export function lastBody(served: ServedTarget): Record<string, unknown> {
  const chats = served.requests.filter((request) => request.path.endsWith("/chat/completions"));
  return chats.at(-1)?.body as Record<string, unknown>;
}

/** Everything of an error that may reach a log. */
export function shownOf(error: Error | undefined): string {
  const { message, hint } = error as Error & { hint?: string };
  return `${message} ${hint ?? ""} ${JSON.stringify(error)} ${String(error?.stack)}`;
}

/** A whole stream of hand-written deltas, for what no recording shows; the last one carries the finish reason. */
export function written(...deltas: readonly ({ finish?: string } & Record<string, unknown>)[]): ControlledStream {
  const stream = createControlledStream();
  for (const { finish = null, ...delta } of [{ role: "assistant", content: "" }, ...deltas]) {
    stream.writeEvent({ id: "chatcmpl-1", model: "lab/tiny", choices: [{ index: 0, delta, finish_reason: finish }] });
  }
  stream.write("data: [DONE]\n\n");
  stream.end();
  return stream;
}
