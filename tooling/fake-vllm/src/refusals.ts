import type { Fixture } from "@vllm-tooling/fixtures";
import { isObject, type ChatRequestLike } from "./chat-request.ts";
import { chatRules, halfCharacter, unknownModel, type Rule, type ServerFacts } from "./chat-rules.ts";
import { messageFault } from "./message-fault.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";
import { replaceInBody, toReply, type Reply } from "./reply.ts";
import { createSameFault } from "./same-fault.ts";
import { findOutOfRange } from "./value-ranges.ts";

/** Finds the recorded refusal for a request that this server would refuse. */
export interface Refusals {
  /** What is wrong with the body of any route that takes JSON, before its fields are looked at. */
  ofBody(request: ReceivedRequest, path: string): Reply | undefined;
  ofChat(request: ChatRequestLike): Reply | undefined;
  /** A data-parallel rank that it does not have, the last thing it looks at. */
  ofRank(request: ReceivedRequest): Reply | undefined;
  /** For the other routes, of whose fields only the model's name and the text are looked at. */
  ofModel(request: ChatRequestLike, path: string): Reply | undefined;
}

export function createRefusals(facts: ServerFacts, recordings: Recordings): Refusals {
  const findSameFault = createSameFault(recordings, facts.servedNames);
  let sameRefused: Map<string, Fixture> | undefined;

  function findRefusal(names: readonly string[]): Fixture | undefined {
    const fixture = recordings.find(names);
    // What one version refuses, another may take: of these checks only the newest was asked.
    const isOfThisVersion = fixture?.provenance.version === recordings.version;
    const isSure = isOfThisVersion || !names.some((name) => /^(?:stop-many|rank-|refused-)/.test(name));
    return fixture && isSure && fixture.response.status >= 400 ? fixture : undefined;
  }

  function apply(rule: Rule, request: ChatRequestLike): Reply | undefined {
    if (!rule.when(request, facts)) return undefined;
    const fixture = findRefusal(rule.recordings);
    if (!fixture) return undefined;
    return replaceInBody(toReply(fixture), rule.replace?.(request, facts) ?? []);
  }

  function ofBody({ headers, body, bodyText }: ReceivedRequest, path: string): Reply | undefined {
    const play = (...names: string[]) => toReply(recordings.get(...names));
    const [mediaType] = (headers["content-type"] ?? "").toLowerCase().split(";");
    if (mediaType !== "application/json") return play("wrong-content-type");
    if (body === undefined) {
      const same = recordings.own(path).find(({ request }) => request.bodyText === bodyText);
      return same ? toReply(same) : play(bodyText === "" ? "empty-body" : "bad-json");
    }
    const route = routeWords[path] ?? "";
    if (body === null) return play(`refused-${route}body-null`, "empty-body");
    if (!isObject(body)) {
      const kind = Array.isArray(body) ? "list" : "number";
      return play(`refused-${route}body-${kind}`, `refused-body-${kind}`);
    }
    const isEmpty = Object.keys(body).length === 0;
    if (isEmpty && route !== "completions-") return play(`refused-${route}body-object`);
    const same = findSameFault(path, body);
    if (same) return toReply(same);
    const fault = messageFault(body["messages"]);
    if (fault !== undefined) {
      const names = [`refused-messages-${fault}`, fault];
      return path === "/tokenize" ? play(`refused-messages-${fault}-tokenize`, ...names) : play(...names);
    }
    const model = body["model"];
    if (model === undefined || model === null || typeof model === "string") return undefined;
    return path.endsWith("tokenize") ? play(`refused-model-number-${path.slice(1)}`) : play("refused-model-number");
  }

  function ofChat(request: ChatRequestLike): Reply | undefined {
    for (const rule of chatRules) {
      const refusal = apply(rule, request);
      if (refusal) return refusal;
    }
    const outside = findOutOfRange(request as Readonly<Record<string, unknown>>);
    const recorded = outside && findRefusal(outside.recordings);
    if (outside && recorded) {
      return replaceInBody(toReply(recorded), [[/(?<=got |value=)-?[\d.]*\d/g, outside.printed]]);
    }
    sameRefused ??= readRefused(recordings);
    const fixture = sameRefused.get(JSON.stringify(request));
    return fixture && toReply(fixture);
  }

  function ofRank({ headers }: ReceivedRequest): Reply | undefined {
    const rank = Number(headers[RANK] ?? 0);
    const fixture = rank > 0 ? findRefusal(["rank-out-of-range"]) : undefined;
    return fixture && replaceInBody(toReply(fixture), [["999999", String(rank)]]);
  }

  function ofModel(request: ChatRequestLike, path: string): Reply | undefined {
    // Anthropic's protocol has an error shape of its own.
    const rule = path === "/v1/messages" ? { ...unknownModel, recordings: ["messages-error"] } : unknownModel;
    return apply(rule, request) ?? apply(halfCharacter, request);
  }

  return { ofBody, ofChat, ofRank, ofModel };
}

const RANK = "x-data-parallel-rank";

/** How the recorded refusals of a route are called, behind `refused-`. */
const routeWords: Readonly<Record<string, string>> = {
  "/tokenize": "tokenize-",
  "/detokenize": "detokenize-",
  "/v1/completions": "completions-",
};

/** Requests that this very server refused, for whatever reason, by their bodies. */
function readRefused(recordings: Recordings): Map<string, Fixture> {
  const refused = recordings.own("/v1/chat/completions").filter(({ request, response }) => {
    const isRefused = response.status >= 400 && response.status !== 401;
    return isRefused && !request.headers.some(([name]) => name.toLowerCase() === RANK);
  });
  return new Map(refused.map((fixture) => [JSON.stringify(fixture.request.body), fixture]));
}
