import type { ProbeHttp, Question } from "../http/create-probe-http.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { NOT_ASKED, statusOf } from "../http/probe-outcome.ts";
import { classifyServer, readVersion } from "./classify-server.ts";
import type { Snapshot, QuestionName } from "./snapshot.ts";
import { createSnapshot, QUESTIONS } from "./snapshot.ts";
import { readSnapshot } from "./read-snapshot.ts";
import type { RouteName } from "./routes.ts";
import { FURTHER_ROUTES, isInconclusive, MAIN_ROUTES, ROUTES } from "./routes.ts";
import type { ServerKind } from "../report/server-report.ts";

export interface TakeSnapshotOptions {
  http: ProbeHttp;
  apiRoot: string;
  serverRoot: string;
  hasCredentials: boolean;
  timeoutMs: number;
}

type RouteOutcomes = Readonly<Partial<Record<RouteName, ProbeOutcome>>>;

interface CompleteSnapshot {
  snapshot: Snapshot;
  routes: RouteOutcomes;
}

export interface SnapshotInProgress {
  /** Models and version: enough to go on with the templates while the rest is still asked. */
  listed: Promise<Snapshot>;
  complete: Promise<CompleteSnapshot>;
}

/**
 * Asks a server what it is: first what every OpenAI-compatible server has, then what the answers call for. Nothing waits for a question it
 * does not need, and only the model list may use the whole deadline.
 *
 * `/health` is not asked before vLLM has shown itself, because on LiteLLM it sends a chat to every server behind it.
 */
export function takeSnapshot(options: TakeSnapshotOptions): SnapshotInProgress {
  const outcomes: Partial<Record<QuestionName, ProbeOutcome>> = {};
  const patience = Math.round(options.timeoutMs * 0.4);
  const ask = async (name: QuestionName, question: Question = {}): Promise<ProbeOutcome> => {
    const url =
      name === "modelsAtRoot" ? `${new URL(options.apiRoot).origin}/v1/models` : urlOf(options, QUESTIONS[name]);
    outcomes[name] = await options.http.ask(url, name === "models" ? question : { limitMs: patience, ...question });
    return outcomes[name];
  };
  const askRoutes = async (names: readonly RouteName[]): Promise<RouteOutcomes> => {
    const answers = names.map((name) =>
      options.http.ask(urlOf(options, ROUTES[name]), { limitMs: patience, limit: SMALL }),
    );
    const settled = await Promise.all(answers);
    return Object.fromEntries(names.map((name, index) => [name, settled[index]]));
  };
  const now = () => classifyServer(createSnapshot(outcomes));

  const models = ask("models");
  const withoutKey = options.hasCredentials ? ask("modelsWithoutKey", { withCredentials: false }) : NOT_ASKED;
  const version = ask("version");
  const metrics = ask("metrics");
  // The first reading of a process takes 4 ms, which are free while the list is still awaited.
  void Promise.all([version, metrics])
    .then(() => readSnapshot(createSnapshot(outcomes)))
    .catch(() => {});
  // A version in vLLM's shape is enough to go on: LiteLLM has no /version, and what is asked next harms no other server.
  const isVllm = someTrue(
    [version, Promise.all([models, version]), Promise.all([version, metrics])],
    () => readVersion(outcomes.version ?? NOT_ASKED) !== undefined || now().kind === "vllm",
  );

  async function askHealth(): Promise<void> {
    const health = await ask("health", { headers: { origin: "http://localhost" }, limit: SMALL });
    const isRefused = [400, 401, 403].includes(statusOf(health) ?? 0);
    // What stands in front may refuse every web page; whether the engine lives is the larger question.
    if (isRefused) await ask("health", { limit: SMALL });
  }

  async function askVllm(): Promise<RouteOutcomes> {
    const [routes] = await Promise.all([
      askRoutes(MAIN_ROUTES),
      askHealth(),
      (async () => {
        const guard = statusOf(await withoutKey) ?? statusOf(await models);
        if (guard === 401 || guard === 403) await ask("invocations", { withCredentials: false, limit: SMALL });
      })(),
    ]);
    if (now().kind === "vllm-router") await ask("readiness", { limit: SMALL });
    await models;
    if (now().kind !== "vllm" || now().state !== "ready" || statusOf(routes.chat ?? NOT_ASKED) === 405) return routes;
    const all = { ...routes, ...(await askRoutes(FURTHER_ROUTES)) };
    if (isInconclusive(all)) await ask("openapi");
    return all;
  }

  async function complete(): Promise<CompleteSnapshot> {
    const early = await isVllm;
    const [routes] = await Promise.all([early ? askVllm() : {}, models, withoutKey, version, metrics]);
    const { kind, state } = now();
    if (!early || kind !== "vllm") {
      await Promise.all(
        furtherQuestions(kind, state === "locked", options.apiRoot)
          .filter((name) => outcomes[name] === undefined)
          .map((name) => ask(name, { limit: SMALL })),
      );
    }
    return { snapshot: createSnapshot(outcomes), routes };
  }

  const listed = Promise.all([models, version]).then(() => createSnapshot(outcomes));
  return { listed, complete: complete() };
}

/** Bytes; enough for every answer that is only looked at for a mark. */
const SMALL = 65_536;

function urlOf({ apiRoot, serverRoot }: TakeSnapshotOptions, path: string): string {
  return path.startsWith("/v1/") ? `${apiRoot}${path.slice(3)}` : `${serverRoot}${path}`;
}

function furtherQuestions(kind: ServerKind, isLocked: boolean, apiRoot: string): QuestionName[] {
  if (kind === "vllm-router") return ["health", "readiness"];
  if (kind === "litellm") return ["liveliness"];
  if (kind === "ray-serve") return ["healthz"];
  if (!UNSURE.has(kind)) return [];
  const elsewhere: QuestionName[] = new URL(apiRoot).pathname === "/v1" || isLocked ? [] : ["modelsAtRoot"];
  return ["liveliness", "front", "ollamaVersion", ...elsewhere];
}

const UNSURE: ReadonlySet<ServerKind> = new Set([
  "openai-compatible",
  "other-http",
  "web-page",
  "login-page",
  "locked",
]);

/** True as soon as one of the promises has settled and the test holds; false when all have settled and it does not. None may reject. */
async function someTrue(promises: readonly Promise<unknown>[], test: () => boolean): Promise<boolean> {
  const seen = promises.map(async (promise) => {
    await promise;
    if (!test()) throw new Error("not yet");
    return true;
  });
  return Promise.any(seen).catch(() => false);
}
