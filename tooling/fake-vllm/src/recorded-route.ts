import { listFixtures, loadFixture, type Fixture, type FixtureEntry } from "@vllm-tooling/fixtures";
import type { ReceivedRequest } from "./received-request.ts";
import { compareVersions, type Recordings } from "./recordings.ts";
import type { Routes } from "./routes.ts";

const names: Readonly<Record<string, readonly string[]>> = {
  "GET /health": ["health", "health-no-key"],
  "GET /ping": ["ping", "health"],
  "POST /ping": ["ping", "health"],
  "GET /version": ["version", "version-no-key"],
};

/**
 * The recorded answer of a route whose answer does not depend on a scenario; undefined where this server has no such route.
 *
 * @throws Error where it has the route, and no server was ever asked for it
 */
export function findRecordedRoute(
  recordings: Recordings,
  routes: Routes,
  request: ReceivedRequest,
  path: string,
): Fixture | undefined {
  const sameBody = request.body === undefined ? undefined : findBySameBody(recordings, request, path);
  if (sameBody) return sameBody;
  const byName = names[`${request.method} ${path}`];
  if (byName) return recordings.find(byName);
  const isOwn = recordings
    .own(path)
    .some((fixture) => fixture.request.method === request.method && fixture.response.status < 300);
  if (!isOwn && !routes.methodsOf(path)?.includes(request.method)) return undefined;
  const recorded = findByPath(recordings, request, path);
  if (!recorded) throw new Error(`Nothing was recorded for ${request.method} ${path}.`);
  return recorded;
}

function findBySameBody(recordings: Recordings, request: ReceivedRequest, path: string): Fixture | undefined {
  const wanted = JSON.stringify(request.body);
  return recordings
    .own(path)
    .find(({ request: recorded }) => recorded.method === request.method && JSON.stringify(recorded.body) === wanted);
}

/** An answer before a refusal, of this very server before others of its version, and of those before others. */
function findByPath(recordings: Recordings, request: ReceivedRequest, path: string): Fixture | undefined {
  const wantsStream = (request.body as { stream?: unknown } | null | undefined)?.stream === true;
  const rank = ({ status, version, config }: FixtureEntry) =>
    (status < 400 ? 4 : 0) +
    (version === recordings.version ? 2 : 0) +
    (`${version}/${config}` === recordings.config ? 1 : 0);
  const [best] = listFixtures({ path, streamed: wantsStream })
    .filter(
      (entry) =>
        entry.method === request.method &&
        entry.end === "complete" &&
        entry.status !== 401 &&
        /^\d/.test(entry.version),
    )
    .toSorted((a, b) => rank(b) - rank(a) || compareVersions(b.version, a.version));
  return best && loadFixture(best.id);
}
