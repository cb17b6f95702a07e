import type { IncomingMessage, ServerResponse } from "node:http";
import type { ChatResult, WireUsage } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import type { BridgeOptions } from "../options/bridge-options.ts";
import { toErrorReply } from "../chat/error-reply.ts";
import { fitRequest } from "../chat/fit-request.ts";
import { toForwardedHeaders } from "../upstream/forwarded-headers.ts";
import type { BridgeLogEntry } from "../options/log-entry.ts";
import type { ModelProfiles } from "../upstream/model-profiles.ts";
import { passThrough } from "./pass-through.ts";
import { planDryRun } from "../chat/plan-dry-run.ts";
import { createStreamedAnswer } from "../chat/streamed-answer.ts";
import { runTurn } from "../chat/turn.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";
import { toWholeAnswer } from "../chat/whole-answer.ts";

export interface ChatRouteContext {
  options: BridgeOptions;
  upstream: UpstreamServer;
  profiles: ModelProfiles;
  request: IncomingMessage;
  response: ServerResponse;
  bytes: Buffer<ArrayBuffer>;
  body: Record<string, unknown>;
  /** Aborted when the host has left or the bridge stops. */
  signal: AbortSignal;
  entry: BridgeLogEntry;
}

const KEEP_ALIVE_MS = 15_000;
/** What the events of a stream do not carry. Such requests come from measurements, not from agents. */
const BEYOND_EVENTS = ["prompt_logprobs", "use_beam_search", "echo", "return_prompt_text", "kv_transfer_params"];

/** `POST /v1/chat/completions`. Everything that goes wrong is an answer, too. */
export async function answerChat(context: ChatRouteContext): Promise<void> {
  const { options, upstream, profiles, request, response, body, signal, entry } = context;
  const model = typeof body["model"] === "string" ? body["model"] : undefined;
  const authorization = upstream.authorizationFor(request.headers);
  const settings = options.models?.[model ?? ""];
  entry.model = model;
  entry.isStreamed = body["stream"] === true;
  if (BEYOND_EVENTS.some((field) => Boolean(body[field])) && !Array.isArray(body["tools"])) {
    await passThrough(upstream, request, response, entry, context.bytes);
    return;
  }
  const profile = await profiles.find(model, authorization);
  if (options.dryRun === true) {
    entry.changes.push(...(await planDryRun(body, profile, settings, options)));
    await passThrough(upstream, request, response, entry, context.bytes);
    return;
  }
  const streamed = entry.isStreamed
    ? createStreamedAnswer(response, {
        wantsUsage: (body["stream_options"] as { include_usage?: unknown } | null | undefined)?.include_usage === true,
        keepAliveMs: options.keepAliveMs ?? KEEP_ALIVE_MS,
        model: model ?? "",
      })
    : undefined;
  const startedAt = performance.now();
  entry.attempts = 0;
  try {
    const { params, changes } = fitRequest(body, profile, settings);
    entry.changes.push(...changes);
    const result = await runTurn({
      client: upstream.clientFor(authorization),
      params,
      chatOptions: { signal, profile, headers: toForwardedHeaders(request.headers, upstream) },
      onLearned: (learned) => profiles.learn(learned, authorization),
      onAttempt(reason) {
        entry.attempts = (entry.attempts ?? 0) + 1;
        if (reason !== undefined) entry.changes.push(`asked again: ${reason}`);
      },
      onEvent(event) {
        if (event.type === "text_delta" || event.type === "thinking_delta") {
          entry.firstTokenMs ??= performance.now() - startedAt;
        } else if (event.type === "warning") entry.changes.push(event.warning.code);
        return streamed?.onEvent(event);
      },
    });
    note(result, entry);
    const usage = toHostUsage(usageOf(result), options);
    if (streamed !== undefined) streamed.finish(result, usage);
    else sendJson(response, 200, {}, toWholeAnswer(result, usage));
  } catch (error) {
    profiles.doubt(error, authorization);
    if (entry.ending === "ok") entry.ending = VllmError.isInstance(error) ? error.code : "SERVER_ERROR";
    const reply = toErrorReply(error);
    if (streamed !== undefined) streamed.fail(reply);
    else sendJson(response, reply.status, reply.headers, reply.body);
  }
}

/** One JSON answer, if the host is still there. */
export function sendJson(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  value: object,
): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

function note(result: ChatResult<unknown>, entry: BridgeLogEntry): void {
  entry.model = result.model;
  const usage = usageOf(result);
  entry.promptTokens = usage?.prompt_tokens;
  entry.completionTokens = usage?.completion_tokens ?? undefined;
  const recovered = result.toolCalls.filter((call) => call.recovered === true).length;
  if (recovered > 0) entry.changes.push(`${recovered} tool calls found in the text`);
  if (result.emptyTurn !== undefined) entry.changes.push(`no answer (${result.emptyTurn})`);
}

/** The last request's: agents take it for the size of their conversation. */
function usageOf({ usage, lastUsage }: ChatResult<unknown>): WireUsage | undefined {
  return lastUsage ?? usage;
}

function toHostUsage(usage: WireUsage | undefined, { reasoningTokens }: BridgeOptions): WireUsage | undefined {
  if (usage === undefined || reasoningTokens !== "drop") return usage;
  const { completion_tokens_details: _details, ...rest } = usage;
  return rest;
}
