import { explainOverflow } from "./own-prompt.ts";
import type { ChatParams, ChatResult, ChatWarning, WireUsage } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import type { BridgeOptions } from "../options/bridge-options.ts";
import type { BridgeLogEntry } from "../options/log-entry.ts";
import type { ModelProfiles } from "../upstream/model-profiles.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";
import type { AnswerTarget } from "./answer-target.ts";
import { toErrorReply } from "./error-reply.ts";
import { findConversation } from "./find-conversation.ts";
import { fitRequest } from "./fit-request.ts";
import { isOpening } from "./is-opening.ts";
import { planDryRun } from "./plan-dry-run.ts";
import { renderWhole } from "./render-answer.ts";
import { createStreamedAnswer } from "./streamed-answer.ts";
import { runTurn } from "./turn.ts";
import { collectUnknownFields } from "./unknown-fields.ts";

/** A request for a chat, and everything that answers it. */
export interface ChatExchange {
  options: Pick<
    BridgeOptions,
    "models" | "dryRun" | "recover" | "reasoningTokens" | "keepAliveMs" | "affinity" | "resume" | "overflow"
  >;
  upstream: Pick<UpstreamServer, "clientFor">;
  profiles: ModelProfiles;
  body: Record<string, unknown>;
  /** What vLLM gets as `Authorization`. */
  authorization: string | undefined;
  /** A header of the client's request, by its name in lower case. */
  requestHeader: (name: string) => string | undefined;
  /** Other headers for vLLM. */
  headers: Readonly<Record<string, string>>;
  /** Aborted when the client has left or the bridge stops. */
  signal: AbortSignal;
  target: AnswerTarget;
  /** Sends the request on as it is, and its answer back. */
  passThrough: () => Promise<void>;
  /** Filled on the way. */
  entry: BridgeLogEntry;
}

const KEEP_ALIVE_MS = 15_000;
/** What the events of a stream do not carry. Such requests come from measurements, not from agents. */
const BEYOND_EVENTS = ["prompt_logprobs", "use_beam_search", "echo", "return_prompt_text", "kv_transfer_params"];

/** `POST /v1/chat/completions`. Everything that goes wrong is an answer, too. */
export async function answerChat(exchange: ChatExchange): Promise<void> {
  const { options, upstream, profiles, body, authorization, headers, signal, target, passThrough, entry } = exchange;
  const { requestHeader } = exchange;
  const model = typeof body["model"] === "string" ? body["model"] : undefined;
  const settings = options.models?.[model ?? ""];
  entry.model = model;
  entry.isStreamed = body["stream"] === true;
  if (isOpening(body)) entry.isOpening = true;
  if (BEYOND_EVENTS.some((field) => Boolean(body[field])) && !Array.isArray(body["tools"])) {
    await passThrough();
    return;
  }
  const profile = await profiles.find(model, authorization);
  if (options.dryRun === true) {
    entry.changes.push(...(await planDryRun(body, profile, settings, options)));
    await passThrough();
    return;
  }
  const streamed = entry.isStreamed
    ? createStreamedAnswer(target, {
        wantsUsage: (body["stream_options"] as { include_usage?: unknown } | null | undefined)?.include_usage === true,
        keepAliveMs: options.keepAliveMs ?? KEEP_ALIVE_MS,
        model: model ?? "",
      })
    : undefined;
  // A stream has the fields that its events carry.
  const unknownFields = streamed === undefined ? collectUnknownFields() : undefined;
  const startedAt = performance.now();
  entry.attempts = 0;
  try {
    const { params, changes } = fitRequest(body, profile, settings);
    entry.changes.push(...changes);
    const result = await runTurn({
      client: upstream.clientFor(authorization),
      params: { ...params, affinity: toAffinity(findConversation(requestHeader, body), options) },
      chatOptions: {
        signal,
        profile,
        headers,
        resume: options.resume ?? true,
        onRawChunk: unknownFields?.read,
      },
      onLearned: (learned) => profiles.learn(learned, authorization),
      onAttempt(reason) {
        entry.attempts = (entry.attempts ?? 0) + 1;
        unknownFields?.reset();
        if (reason !== undefined) entry.changes.push(`asked again: ${reason}`);
        if (reason?.startsWith("broken tool call") === true) entry.retriedCalls = (entry.retriedCalls ?? 0) + 1;
      },
      onEvent(event) {
        if (event.type === "text_delta" || event.type === "thinking_delta") {
          entry.firstTokenMs ??= performance.now() - startedAt;
        } else if (event.type === "warning") entry.changes.push(toChange(event.warning));
        return streamed?.onEvent(event);
      },
    });
    note(result, entry);
    const usage = toClientUsage(usageOf(result), options);
    if (unknownFields === undefined) streamed?.finish(result, usage);
    else target.json(200, {}, renderWhole(result, usage, unknownFields));
  } catch (error) {
    profiles.doubt(error, model, authorization);
    if (VllmError.isInstance(error)) entry.promptTokens ??= error.promptTokens;
    if (entry.ending === "ok") entry.ending = VllmError.isInstance(error) ? error.code : "SERVER_ERROR";
    const asked = conversationOf(body);
    const explained = await explainOverflow(error, upstream.clientFor(authorization), model, asked);
    const reply = toErrorReply(explained, options.overflow);
    if (streamed !== undefined) streamed.fail(reply);
    else target.json(reply.status, reply.headers, reply.body);
  }
}

function toAffinity(id: string | undefined, { affinity = {} }: ChatExchange["options"]): ChatParams["affinity"] {
  return id === undefined || affinity === false ? undefined : { id, ...affinity };
}

function toChange({ code, reason }: ChatWarning): string {
  return code === "ANSWER_REPAIRED" ? `repaired: ${reason}` : code;
}

/** As the client sent it. */
function conversationOf({ messages, tools }: ChatExchange["body"]): Pick<ChatParams, "messages" | "tools"> {
  return { messages: Array.isArray(messages) ? messages : [], tools: Array.isArray(tools) ? tools : [] };
}

function note(result: ChatResult<unknown>, entry: BridgeLogEntry): void {
  entry.model = result.model;
  const usage = usageOf(result);
  entry.promptTokens = usage?.prompt_tokens;
  entry.completionTokens = usage?.completion_tokens ?? undefined;
  entry.cachedTokens = usage?.prompt_tokens_details?.cached_tokens ?? undefined;
  const calls = result.choices.flatMap(({ toolCalls }) => toolCalls);
  const recovered = calls.filter((call) => call.recovered === true).length;
  const repaired = calls.filter((call) => call.recovered === true || call.repaired === true).length;
  if (repaired > 0) entry.repairedCalls = repaired;
  if (recovered > 0) entry.changes.push(`${recovered} tool calls found in the text`);
  if (result.emptyTurn !== undefined) entry.changes.push(`no answer (${result.emptyTurn})`);
}

/** The last request's: agents take it for the size of their conversation. */
function usageOf({ usage, lastUsage }: ChatResult<unknown>): WireUsage | undefined {
  return lastUsage ?? usage;
}

function toClientUsage(
  usage: WireUsage | undefined,
  { reasoningTokens }: ChatExchange["options"],
): WireUsage | undefined {
  if (usage === undefined || reasoningTokens !== "drop") return usage;
  const { completion_tokens_details: _details, ...rest } = usage;
  return rest;
}
