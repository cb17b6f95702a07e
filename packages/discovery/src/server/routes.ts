import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { jsonOf, NOT_ASKED, statusOf } from "../http/probe-outcome.ts";
import { isBefore } from "./is-before.ts";
import type { Capability } from "../report/capability.ts";
import { no, unknown, yes } from "../report/capability.ts";
import type { ModelTask } from "../report/server-report.ts";

/** Routes that tell what a server is for. All take POST, so that a GET answers 405 where they exist and 404 where not. */
export const ROUTES = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  responses: "/v1/responses",
  messages: "/v1/messages",
  embeddings: "/v1/embeddings",
  rerank: "/v1/rerank",
  classify: "/classify",
  transcription: "/v1/audio/transcriptions",
  loraLoading: "/v1/load_lora_adapter",
} as const;

export type RouteName = keyof typeof ROUTES;

/** Asked of every vLLM. */
export const MAIN_ROUTES: readonly RouteName[] = ["chat", "responses", "messages", "loraLoading"];
/** Asked when there is no chat. vLLM from 0.24 has the routes of its model's task only. */
export const FURTHER_ROUTES: readonly RouteName[] = [
  "completions",
  "embeddings",
  "rerank",
  "classify",
  "transcription",
];

export type RouteTable = Readonly<Record<RouteName, Capability>>;

/** The answers to a GET of each route → which exist. `/openapi.json`, where it was asked, fills the gaps. */
export function readRoutes(
  outcomes: Readonly<Partial<Record<RouteName, ProbeOutcome>>>,
  openapi: ProbeOutcome,
): RouteTable {
  const documented = readDocumentedPaths(openapi);
  const names = Object.keys(ROUTES) as RouteName[];
  return Object.fromEntries(
    names.map((name) => [name, readRoute(ROUTES[name], outcomes[name] ?? NOT_ASKED, documented)]),
  ) as Record<RouteName, Capability>;
}

function readRoute(path: string, outcome: ProbeOutcome, documented: ReadonlySet<string> | undefined): Capability {
  const status = statusOf(outcome);
  if (status === 405) return yes(`GET ${path} answers 405: the route is there, for POST`, "server");
  if (documented !== undefined) {
    return documented.has(path)
      ? yes(`/openapi.json lists ${path}`, "server")
      : no(`/openapi.json does not list ${path}`, "server");
  }
  if (status === 404) return no(`GET ${path} answers 404`, "server");
  return unknown(outcome.kind === "not-asked" ? "nobody asked" : `GET ${path} told nothing`);
}

function readDocumentedPaths(openapi: ProbeOutcome): ReadonlySet<string> | undefined {
  const paths = (jsonOf(openapi) as { paths?: unknown } | null | undefined)?.paths;
  return typeof paths === "object" && paths !== null ? new Set(Object.keys(paths)) : undefined;
}

/** True when no route that a model could be for has shown itself: then `/openapi.json` is worth its price (a second on its first call). */
export function isInconclusive(outcomes: Readonly<Partial<Record<RouteName, ProbeOutcome>>>): boolean {
  const names: readonly RouteName[] = ["chat", ...FURTHER_ROUTES];
  return names.every((name) => statusOf(outcomes[name] ?? NOT_ASKED) !== 405);
}

/** What the models of a server are for. Up to 0.12, vLLM had the routes of every task, which tells nothing. */
export function taskOf(routes: RouteTable, version: string | undefined): { task: ModelTask; evidence: string } {
  const has = (name: RouteName) => routes[name].status === "yes";
  if (version !== undefined && isBefore(version, "0.13.0")) {
    return { task: "unknown", evidence: `vLLM ${version} has the routes of every task` };
  }
  if (has("chat")) return { task: "chat", evidence: routes.chat.evidence };
  if (routes.chat.status !== "no") return { task: "unknown", evidence: routes.chat.evidence };
  const found = TASKS.find(([name]) => has(name));
  return found === undefined
    ? { task: "unknown", evidence: "no known route is there" }
    : { task: found[1], evidence: `${routes[found[0]].evidence}; ${routes.chat.evidence}` };
}

const TASKS: readonly (readonly [RouteName, ModelTask])[] = [
  ["transcription", "transcription"],
  ["embeddings", "embedding"],
  ["rerank", "rerank"],
  ["classify", "classification"],
  ["completions", "completion"],
];
