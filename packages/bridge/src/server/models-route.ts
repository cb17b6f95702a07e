import type { IncomingHttpHeaders } from "node:http";
import { errorFromResponse, notServed, VllmError } from "@vllm/schema/core";
import { errorFromLimit, isDeeperThan, parseJson } from "@vllm/schema/internal";
import type { TransportRequest } from "@vllm/transport/internal";
import type { AnswerTarget } from "../chat/answer-target.ts";
import { askUpstream } from "../chat/guard/ask-upstream.ts";
import { readAll, toHead } from "../chat/guard/read-answer.ts";
import { requestText } from "@vllm/transport/internal";
import { toForwardedHeaders } from "./forwarded-headers.ts";
import type { ModelProfiles } from "../upstream/model-profiles.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";

const ANSWER_MS = 10_000;

/**
 * vLLM's model list, with the window in every entry: a LoRA has none of its own there, and gets what discovery found out.
 *
 * @throws {VllmError} when the server gives none
 */
export async function listModels(
  upstream: UpstreamServer,
  profiles: ModelProfiles,
  clientHeaders: IncomingHttpHeaders,
): Promise<{ data: ModelEntry[] }> {
  const { transport, timeouts, limits } = upstream;
  const authorization = upstream.authorizationFor(clientHeaders);
  const url = `${upstream.apiRoot}/models`;
  const context = {
    url,
    hasKey: authorization !== undefined,
    hasUnsentLogin: upstream.login !== undefined && authorization !== upstream.login,
    secrets: authorization === undefined ? [] : [authorization, authorization.replace(/^\S+ /, "")],
  };
  const headers = {
    ...toForwardedHeaders(clientHeaders, upstream),
    ...(authorization === undefined ? {} : { authorization }),
  };
  const sender = { transport, timeouts, limits, headers };
  const { status, header, text } = await requestText(sender, { method: "GET", url, timeoutMs: ANSWER_MS });
  const { nesting } = limits;
  if (isDeeperThan(text, nesting)) throw errorFromLimit("nesting", nesting, { url });
  const list = status === 200 ? parseList(text) : undefined;
  if (list === undefined) {
    const answer = {
      status,
      contentType: header("content-type"),
      bodyText: text,
      retryAfter: header("retry-after"),
      authenticate: header("www-authenticate"),
    };
    throw errorFromResponse(answer, context);
  }
  if (list.data.some(lacksWindow)) {
    const { models } = await profiles.report(authorization);
    for (const entry of list.data.filter(lacksWindow)) {
      const window = models.find(({ id }) => id === entry.id)?.contextWindow;
      if (window !== undefined) entry.max_model_len = window;
    }
  }
  return list;
}

/** `GET /v1/models/{id}`: the server's answer, and where it has no such route, as vLLM, the entry of its list. */
export async function answerModel(
  request: { upstream: UpstreamServer; profiles: ModelProfiles; headers: IncomingHttpHeaders; path: string },
  outgoing: TransportRequest,
  signal: AbortSignal,
  target: AnswerTarget,
): Promise<void> {
  const { transport, limits } = request.upstream;
  const answer = await askUpstream(transport, outgoing, { firstTokenMs: ANSWER_MS, idleMs: ANSWER_MS }, signal);
  const text = await readAll(answer, limits.auxiliaryBytes);
  if (answer.status === 404) target.json(200, {}, await findModel(request));
  else target.whole(answer.status, toHead(answer), text);
}

/**
 * One entry of the list, by an id that may hold slashes, plain or encoded.
 *
 * @throws {VllmError} `MODEL_NOT_FOUND`, with the ids that are served
 */
async function findModel({ upstream, profiles, headers, path }: Parameters<typeof answerModel>[0]): Promise<object> {
  const id = decodeURIComponent(path.slice("/v1/models/".length));
  const { data } = await listModels(upstream, profiles, headers);
  const found = data.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  const availableModels = data.flatMap((entry) => (typeof entry.id === "string" ? [entry.id] : []));
  throw new VllmError({
    code: "MODEL_NOT_FOUND",
    status: 404,
    ...notServed(id, availableModels),
    availableModels,
  });
}

interface ModelEntry {
  id?: unknown;
  max_model_len?: unknown;
}

function lacksWindow(entry: ModelEntry): boolean {
  return typeof entry.max_model_len !== "number";
}

function parseList(text: string): { data: ModelEntry[] } | undefined {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null) return undefined;
  const { data } = value as { data?: unknown };
  const isList = Array.isArray(data) && data.every((entry) => typeof entry === "object" && entry !== null);
  return isList ? (value as { data: ModelEntry[] }) : undefined;
}
