import { createDiscoveryCache } from "@vllm/discovery";
import type { ServerReport } from "@vllm/discovery";
import type { ModelProfile } from "@vllm/schema/core";
import { VllmError } from "@vllm/schema/core";
import type { UpstreamServer } from "./upstream-server.ts";

/** What is known about the models of the server. */
export interface ModelProfiles {
  /** Waits only for the first look at the server, and not long; a look that has grown old is renewed behind the request's back. */
  find(model: string | undefined, authorization: string | undefined): Promise<ModelProfile | undefined>;
  /** The last look, a new one when there is none. */
  report(authorization: string | undefined): Promise<ServerReport>;
  /** A new look. */
  lookAgain(authorization: string | undefined): Promise<ServerReport>;
  /** Keeps what a refusal showed, until the server is looked at again. */
  learn(profile: ModelProfile, authorization: string | undefined): void;
  /** An error that makes the last look doubtful: the next request causes a new one. */
  doubt(error: unknown, authorization: string | undefined): void;
}

interface Held {
  report: ServerReport | undefined;
  freshUntil: number;
  looking: Promise<ServerReport> | undefined;
  learned: Map<string, { profile: ModelProfile; until: number }>;
}

const FRESH_MS = 60_000;
const FRESH_AFTER_FAILURE_MS = 3000;
/** The server may be started again with other flags; to be refused once more costs little. */
const LEARNED_MS = 600_000;
/** How long a first request waits for the first look. */
const PATIENCE_MS = 1500;

const DOUBTFUL = new Set([
  "MODEL_NOT_FOUND",
  "CONTEXT_LENGTH_EXCEEDED",
  "SERVER_UNREACHABLE",
  "SERVER_STARTING",
  "ENGINE_FAILED",
]);

export function createModelProfiles(
  upstream: Pick<UpstreamServer, "apiRoot" | "limits" | "tls" | "proxy">,
): ModelProfiles {
  const { apiRoot, limits, tls, proxy } = upstream;
  const cache = createDiscoveryCache({ ttlMs: 0 });
  const held = new Map<string, Held>();

  function hold(authorization: string | undefined): Held {
    const key = authorization ?? "";
    const known = held.get(key);
    if (known !== undefined) return known;
    const [oldest] = held.keys();
    if (held.size >= 32 && oldest !== undefined) held.delete(oldest);
    const created: Held = { report: undefined, freshUntil: 0, looking: undefined, learned: new Map() };
    held.set(key, created);
    return created;
  }

  function look(state: Held, authorization: string | undefined): Promise<ServerReport> {
    state.looking ??= cache
      .discover({
        baseUrl: apiRoot,
        limits,
        tls,
        proxy,
        ...(authorization === undefined ? {} : { headers: { Authorization: authorization } }),
      })
      .then((report) => {
        state.report = report;
        state.freshUntil = Date.now() + (report.state === "ready" ? FRESH_MS : FRESH_AFTER_FAILURE_MS);
        return report;
      })
      .finally(() => {
        state.looking = undefined;
      });
    return state.looking;
  }

  return {
    async find(model, authorization) {
      const state = hold(authorization);
      if (state.report === undefined || Date.now() >= state.freshUntil) {
        const looking = look(state, authorization).catch(() => undefined);
        if (state.report === undefined) await Promise.race([looking, patience()]);
      }
      const models = state.report?.models ?? [];
      const found = model === undefined && models.length === 1 ? models[0] : models.find(({ id }) => id === model);
      if (found === undefined) return undefined;
      const learned = state.learned.get(found.id);
      return learned !== undefined && Date.now() < learned.until ? learned.profile : found.profile;
    },
    async report(authorization) {
      const state = hold(authorization);
      return state.report ?? look(state, authorization);
    },
    lookAgain: (authorization) => look(hold(authorization), authorization),
    learn(profile, authorization) {
      hold(authorization).learned.set(profile.id, { profile, until: Date.now() + LEARNED_MS });
    },
    doubt(error, authorization) {
      if (!VllmError.isInstance(error) || !DOUBTFUL.has(error.code)) return;
      const state = hold(authorization);
      state.freshUntil = 0;
      state.learned.clear();
    },
  };
}

function patience(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, PATIENCE_MS).unref());
}
