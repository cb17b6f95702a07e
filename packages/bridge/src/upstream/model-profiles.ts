import { createDiscoveryCache } from "@vllm/discovery";
import type { DiscoveryCache, ServerReport } from "@vllm/discovery";
import type { ModelProfile } from "@vllm/schema/core";
import { VllmError } from "@vllm/schema/core";
import type { BridgeOptions } from "../options/bridge-options.ts";
import { createStrictTools } from "./strict-tools.ts";
import type { StrictTools } from "./strict-tools.ts";
import type { UpstreamServer } from "./upstream-server.ts";

/** What is known about the models of the server. */
export interface ModelProfiles {
  /** Waits only for the first report of the server, and not long; one that has grown old is renewed behind the request's back. */
  find(model: string | undefined, authorization: string | undefined): Promise<ModelProfile | undefined>;
  /** The last report, a new one when there is none. */
  report(authorization: string | undefined): Promise<ServerReport>;
  /** A new report. */
  probeAgain(authorization: string | undefined): Promise<ServerReport>;
  /** Keeps what a refusal showed, until the server is probed again. */
  learn(profile: ModelProfile, authorization: string | undefined): void;
  /** An error about a model that contradicts the last report: the next request causes a new one. */
  doubt(error: unknown, model: string | undefined, authorization: string | undefined): void;
}

interface Held {
  cache: DiscoveryCache;
  report: ServerReport | undefined;
  freshUntil: number;
  probing: { promise: Promise<ServerReport>; since: number } | undefined;
  learned: Map<string, { profile: ModelProfile; until: number }>;
  strictTools: StrictTools;
  doubtedAt: number;
}

const FRESH_MS = 60_000;
const FRESH_AFTER_FAILURE_MS = 3000;
/** The server may be started again with other flags; to be refused once more costs little. */
const LEARNED_MS = 600_000;
/** How long a first request waits for the first report. */
const PATIENCE_MS = 1500;
/** Longer than any probe takes. On Cloudflare Workers one ends with the request that began it, and is never heard of again. */
const ABANDONED_MS = 10_000;

const DOUBTFUL = new Set([
  "MODEL_NOT_FOUND",
  "CONTEXT_LENGTH_EXCEEDED",
  "SERVER_UNREACHABLE",
  "SERVER_STARTING",
  "ENGINE_FAILED",
]);
/** Of errors that come with every request, one in so many ms is enough. */
const DOUBT_EVERY_MS = 3000;

export function createModelProfiles(
  upstream: Pick<UpstreamServer, "apiRoot" | "limits" | "tls" | "proxy" | "logger" | "fetch">,
  { probeStrictTools = true }: Pick<BridgeOptions, "probeStrictTools"> = {},
): ModelProfiles {
  const { apiRoot, limits, tls, proxy, logger } = upstream;
  const fetch = upstream.fetch as typeof globalThis.fetch | undefined;
  const held = new Map<string, Held>();

  function hold(authorization: string | undefined): Held {
    const key = authorization ?? "";
    const known = held.get(key);
    if (known !== undefined) return known;
    const [oldest] = held.keys();
    if (held.size >= 32 && oldest !== undefined) held.delete(oldest);
    const created: Held = {
      cache: createDiscoveryCache({ ttlMs: 0 }),
      report: undefined,
      freshUntil: 0,
      probing: undefined,
      learned: new Map(),
      strictTools: createStrictTools(),
      doubtedAt: 0,
    };
    held.set(key, created);
    return created;
  }

  function probe(state: Held, authorization: string | undefined): Promise<ServerReport> {
    if (state.probing !== undefined) {
      if (Date.now() - state.probing.since < ABANDONED_MS) return state.probing.promise;
      state.cache = createDiscoveryCache({ ttlMs: 0 });
    }
    const headers = authorization === undefined ? {} : { headers: { Authorization: authorization } };
    const server = { baseUrl: apiRoot, limits, tls, proxy, fetch, ...headers };
    const promise = state.cache
      .discover({ ...server, logger })
      .then(async (report) => {
        if (probeStrictTools) await state.strictTools.update(report, server);
        state.report = report;
        state.freshUntil = Date.now() + (report.state === "ready" ? FRESH_MS : FRESH_AFTER_FAILURE_MS);
        return report;
      })
      .finally(() => {
        if (state.probing?.promise === promise) state.probing = undefined;
      });
    state.probing = { promise, since: Date.now() };
    return promise;
  }

  return {
    async find(model, authorization) {
      const state = hold(authorization);
      if (state.report === undefined || Date.now() >= state.freshUntil) {
        const probing = probe(state, authorization).catch(() => undefined);
        if (state.report === undefined) await untilImpatient(probing);
      }
      const found = findModel(state, model);
      if (found === undefined) return undefined;
      const learned = state.learned.get(found.id);
      const profile = learned !== undefined && Date.now() < learned.until ? learned.profile : found.profile;
      return { strictTools: state.strictTools.of(found.id), ...profile };
    },
    async report(authorization) {
      const state = hold(authorization);
      return state.report ?? probe(state, authorization);
    },
    probeAgain: (authorization) => probe(hold(authorization), authorization),
    learn(profile, authorization) {
      hold(authorization).learned.set(profile.id, { profile, until: Date.now() + LEARNED_MS });
    },
    doubt(error, model, authorization) {
      if (!VllmError.isInstance(error) || !DOUBTFUL.has(error.code)) return;
      const state = hold(authorization);
      if (Date.now() < state.doubtedAt + DOUBT_EVERY_MS || agrees(error, findModel(state, model))) return;
      state.doubtedAt = Date.now();
      state.freshUntil = 0;
      state.learned.clear();
    },
  };
}

function findModel({ report }: Held, model: string | undefined): ServerReport["models"][number] | undefined {
  const models = report?.models ?? [];
  return model === undefined && models.length === 1 ? models[0] : models.find(({ id }) => id === model);
}

/** The error says what the report says already: a conversation that is too long for the window it names, a model it does not have. */
function agrees({ code, maxModelLen }: VllmError, known: ReturnType<typeof findModel>): boolean {
  if (code === "MODEL_NOT_FOUND") return known === undefined;
  return (
    code === "CONTEXT_LENGTH_EXCEEDED" &&
    (maxModelLen === undefined || maxModelLen === known?.profile.contextWindow.value)
  );
}

async function untilImpatient(probing: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([probing, patience]);
  clearTimeout(timer);
}
