import type { IncomingHttpHeaders } from "node:http";
import { errorFromLimit, errorFromResponse, isDeeperThan } from "@vllm/schema/core";
import { readShortBody, sendUpstream } from "./ask-upstream.ts";
import { toForwardedHeaders } from "./forwarded-headers.ts";
import type { ModelProfiles } from "./model-profiles.ts";
import type { UpstreamServer } from "./upstream-server.ts";

const ANSWER_MS = 10_000;

/**
 * vLLM's model list, with the window in every entry: a LoRA has none of its own there, and gets what discovery found out.
 *
 * @throws {VllmError} when the server gives none
 */
export async function listModels(
  upstream: UpstreamServer,
  profiles: ModelProfiles,
  hostHeaders: IncomingHttpHeaders,
): Promise<object> {
  const { apiRoot, request } = upstream;
  const authorization = upstream.authorizationFor(hostHeaders);
  const url = `${apiRoot}/models`;
  const context = {
    url,
    hasKey: authorization !== undefined,
    secrets: authorization === undefined ? [] : [authorization, authorization.replace(/^\S+ /, "")],
  };
  const headers = {
    ...toForwardedHeaders(hostHeaders, upstream),
    ...(authorization === undefined ? {} : { authorization }),
  };
  const outgoing = request("/v1/models", { headers, signal: AbortSignal.timeout(ANSWER_MS) });
  const answer = await sendUpstream(outgoing, url);
  const { statusCode: status = 0 } = answer;
  const bodyText = await readShortBody(answer, url, upstream);
  const { nesting } = upstream.limits;
  if (isDeeperThan(bodyText, nesting)) throw errorFromLimit("nesting", nesting, { url });
  const list = status === 200 ? parseList(bodyText) : undefined;
  if (list === undefined) {
    const { "content-type": contentType, "retry-after": retryAfter } = answer.headers;
    throw errorFromResponse({ status, contentType, bodyText, retryAfter }, context);
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

interface ModelEntry {
  id?: unknown;
  max_model_len?: unknown;
}

function lacksWindow(entry: ModelEntry): boolean {
  return typeof entry.max_model_len !== "number";
}

function parseList(text: string): { data: ModelEntry[] } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { data } = value as { data?: unknown };
    const isList = Array.isArray(data) && data.every((entry) => typeof entry === "object" && entry !== null);
    return isList ? (value as { data: ModelEntry[] }) : undefined;
  } catch {
    return undefined;
  }
}
