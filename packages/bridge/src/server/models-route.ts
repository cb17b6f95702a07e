import type { IncomingHttpHeaders } from "node:http";
import { errorFromResponse } from "@vllm/schema/core";
import { errorFromLimit, isDeeperThan } from "@vllm/schema/internal";
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
): Promise<object> {
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
