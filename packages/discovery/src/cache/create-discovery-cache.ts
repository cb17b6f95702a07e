import { cleanApiKey, readAddress } from "@vllm/schema/core";
import type { VllmError } from "@vllm/schema/core";
import { diagnose } from "../findings/diagnose.ts";
import { beforeAbort } from "../http/before-abort.ts";
import { aborted } from "../http/create-probe-http.ts";
import type { DiscoverServerOptions } from "../discover/discover-server.ts";
import { discoverServer } from "../discover/discover-server.ts";
import { parseMilliseconds } from "../options/parse-milliseconds.ts";
import { parseProbe, PROBES } from "../options/parse-probe.ts";
import type { ServerReport } from "../report/server-report.ts";
import type { CacheEntry, DiscoveryStore } from "./cache-entry.ts";
import { readCacheEntry, toCacheEntry } from "./cache-entry.ts";
import type { LearnedFact, SeenAnswer } from "./learned-facts.ts";
import { applyLearnedFacts, learnFrom, stillTrue } from "./learned-facts.ts";
import { keepModels } from "./keep-models.ts";

/** Everything is optional. */
export interface DiscoveryCacheOptions {
  /** How long a good report is given out again, in ms. Default: one minute. */
  ttlMs?: number | undefined;
  /** Keeps what is known beyond this process: `createFileStore` of `@vllm/discovery/file-store`. */
  store?: DiscoveryStore | undefined;
  /** The clock, in ms since 1970. */
  now?: (() => number) | undefined;
}

/** Options of one question to the cache. */
export interface CachedDiscoverOptions extends DiscoverServerOptions {
  /** Asks the server even if the last answer is fresh. */
  force?: boolean | undefined;
}

/** Reports of servers, shared by all who ask in this process. */
export interface DiscoveryCache {
  /**
   * As {@link discoverServer}, but: a fresh report is given out again; callers at the same time share one probe; and when a probe brings no
   * models, the report keeps those of the last good one (`report.modelsSeenAt` tells when that was, `LAST_GOOD_ANSWER_USED` says so).
   *
   * @throws {VllmError} `CONFIG_INVALID`, or `ABORTED` when this caller's signal says so
   */
  discover(options: CachedDiscoverOptions): Promise<ServerReport>;
  /**
   * Keeps what the end of a request says about a model: an error (its real window, refused tools, refused pictures) or a good answer (tools
   * work). Anything else is ignored.
   */
  learn(
    server: { baseUrl: string; apiKey?: string | undefined; model: string },
    outcome: VllmError | SeenAnswer,
  ): Promise<void>;
  /** Forgets everything in this process. A store keeps what it has. */
  clear(): void;
}

/** A failure is asked again sooner than a good answer, and not at once. */
const FAILURE_TTL_MS = 3000;

interface Held {
  entry: CacheEntry | undefined;
  /** What callers get while it is fresh. */
  report: ServerReport | undefined;
  level: number;
  freshUntil: number;
  flight: { promise: Promise<ServerReport>; level: number } | undefined;
  isLoaded: boolean;
}

/** @throws {VllmError} `CONFIG_INVALID` when `ttlMs` is no number from 0 */
export function createDiscoveryCache(options: DiscoveryCacheOptions = {}): DiscoveryCache {
  const { store, now = Date.now } = options;
  const ttlMs = parseMilliseconds("ttlMs", options.ttlMs, 60_000);
  const held = new Map<string, Held>();

  function hold(key: string): Held {
    const known = held.get(key);
    if (known !== undefined) return known;
    const created: Held = {
      entry: undefined,
      report: undefined,
      level: 0,
      freshUntil: 0,
      flight: undefined,
      isLoaded: false,
    };
    held.set(key, created);
    return created;
  }

  async function load(state: Held, storeKey: string): Promise<void> {
    if (state.isLoaded || store === undefined) return;
    state.isLoaded = true;
    state.entry ??= await readCacheEntry(await store.read(storeKey).catch(() => undefined));
  }

  async function save(
    state: Held,
    storeKey: string,
    report: ServerReport,
    learned: readonly LearnedFact[],
  ): Promise<void> {
    state.entry = toCacheEntry(report, learned, now());
    await store?.write(storeKey, state.entry).catch(() => {});
  }

  async function probe(state: Held, storeKey: string, settings: DiscoverServerOptions): Promise<ServerReport> {
    await load(state, storeKey);
    const { signal: _signal, ...rest } = settings;
    const fresh = await discoverServer({ ...rest, known: state.entry?.report });
    const isGood = fresh.models.length > 0 && fresh.state !== "locked";
    const level = levelOf(settings);
    if (isGood) {
      const learned = stillTrue(state.entry?.learned ?? [], fresh);
      state.report = withFindings(applyLearnedFacts(fresh, learned));
      await save(state, storeKey, state.report, learned);
    } else {
      state.report = state.entry === undefined ? fresh : keepModels(fresh, state.entry.report);
    }
    state.level = level;
    state.freshUntil = now() + (isGood ? ttlMs : Math.min(ttlMs, FAILURE_TTL_MS));
    return state.report;
  }

  return {
    async discover({ force = false, ...settings }) {
      const keys = keysOf(settings);
      const state = hold(keys.memory);
      const level = levelOf(settings);
      if (!force && state.report !== undefined && state.level >= level && now() < state.freshUntil) return state.report;
      if (state.flight === undefined || state.flight.level < level) {
        const promise = probe(state, keys.store, settings).finally(() => {
          if (state.flight?.promise === promise) state.flight = undefined;
        });
        state.flight = { promise, level };
      }
      return untilAborted(settings.signal, state.flight.promise);
    },
    async learn(server, outcome) {
      const fact = learnFrom(outcome);
      if (fact === undefined) return;
      const keys = keysOf(server);
      const state = hold(keys.memory);
      await load(state, keys.store);
      const report = state.entry?.report;
      if (state.entry === undefined || report === undefined) return;
      const learned: LearnedFact = {
        ...fact,
        model: server.model,
        version: report.version,
        root: report.models.find(({ id }) => id === server.model)?.root,
        startedAt: report.capacity?.startedAt,
        learnedAt: now(),
      };
      // Each good answer teaches the same: it is not written each time.
      if (state.entry.learned.some((known) => isSameFact(known, learned))) return;
      const others = state.entry.learned.filter((other) => other.model !== server.model || !isSameKind(other, learned));
      const facts = [...others, learned];
      await save(state, keys.store, withFindings(applyLearnedFacts(report, [learned])), facts);
      if (state.report !== undefined) state.report = withFindings(applyLearnedFacts(state.report, [learned]));
    },
    clear() {
      held.clear();
    },
  };
}

/** The key of the API is part of the key in memory and stays out of the store. */
function keysOf(server: Pick<DiscoverServerOptions, "baseUrl" | "apiKey" | "headers">): {
  memory: string;
  store: string;
} {
  const { apiRoot } = readAddress(server.baseUrl);
  const key = cleanApiKey(server.apiKey);
  return {
    memory: JSON.stringify([apiRoot, key, server.headers ?? {}]),
    store: key === undefined ? apiRoot : `${apiRoot} with a key`,
  };
}

function levelOf(settings: DiscoverServerOptions): number {
  return PROBES.indexOf(parseProbe(settings.probe));
}

function isSameKind(left: LearnedFact, right: LearnedFact): boolean {
  return (["contextWindow", "toolCalling", "imageInput"] as const).some(
    (name) => left[name] !== undefined && right[name] !== undefined,
  );
}

const FACT_FIELDS = ["model", "version", "root", "startedAt", "contextWindow", "toolCalling", "imageInput"] as const;

/** The same about the same run of the server, whenever it was learned. */
function isSameFact(known: LearnedFact, learned: LearnedFact): boolean {
  return FACT_FIELDS.every((name) => known[name] === learned[name]);
}

function withFindings(report: ServerReport): ServerReport {
  return { ...report, findings: diagnose(report) };
}

/** One caller's abort must not take the answer from the others: the probe itself goes on to its deadline. */
async function untilAborted<Value>(signal: AbortSignal | undefined, work: Promise<Value>): Promise<Value> {
  if (signal === undefined) return work;
  return beforeAbort(signal, work).catch((error: unknown) => {
    throw signal.aborted ? aborted(signal.reason) : error;
  });
}
