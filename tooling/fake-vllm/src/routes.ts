import { listFixtures, loadFixture, type Fixture } from "@vllm-tooling/fixtures";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";

/** The paths of vLLM 0.32's recorded `/openapi.json`, those with a parameter aside. */
const servedPaths = new Set([
  "/detokenize",
  "/generative_scoring",
  "/health",
  "/invocations",
  "/is_scaling_elastic_ep",
  "/kv_event_sources",
  "/load",
  "/metrics",
  "/ping",
  "/scale_elastic_ep",
  "/tokenize",
  "/v1/chat/completions",
  "/v1/chat/completions/batch",
  "/v1/completions",
  "/v1/messages",
  "/v1/messages/count_tokens",
  "/v1/models",
  "/v1/responses",
  "/v1/systemone",
  "/version",
]);

/** True for a path that vLLM serves with some method: another method is a 405, not a 404. */
export function isKnownPath(path: string): boolean {
  return servedPaths.has(path);
}

const names: Readonly<Record<string, readonly string[]>> = {
  "GET /health": ["health", "health-no-key"],
  "GET /ping": ["ping", "health"],
  "POST /ping": ["ping", "health"],
  "GET /version": ["version", "version-no-key"],
};

/** The recorded answer of a route whose answer does not depend on a scenario. */
export function findRecordedRoute(recordings: Recordings, request: ReceivedRequest, path: string): Fixture | undefined {
  const sameBody = request.body === undefined ? undefined : findBySameBody(recordings, request, path);
  const byName = names[`${request.method} ${path}`];
  return sameBody ?? (byName ? recordings.find(byName) : findByPath(recordings, request, path));
}

function findBySameBody(recordings: Recordings, request: ReceivedRequest, path: string): Fixture | undefined {
  const wanted = JSON.stringify(request.body);
  return recordings
    .own(path)
    .find(({ request: recorded }) => recorded.method === request.method && JSON.stringify(recorded.body) === wanted);
}

function findByPath(recordings: Recordings, request: ReceivedRequest, path: string): Fixture | undefined {
  const wantsStream = (request.body as { stream?: unknown } | undefined)?.stream === true;
  const entry = listFixtures({ version: recordings.version, path, streamed: wantsStream }).find(
    (candidate) => candidate.method === request.method && candidate.end === "complete" && candidate.status !== 401,
  );
  return entry && loadFixture(entry.id);
}
