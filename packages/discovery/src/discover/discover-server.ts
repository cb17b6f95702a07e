import { readAddress } from "@vllm/schema/core";
import { parseLimits } from "@vllm/schema/internal";
import type { LimitOptions } from "@vllm/schema/core";
import type { Logger, TlsOptions } from "@vllm/transport";
import { probeActive } from "../active/probe-active.ts";
import { probeListed } from "../active/probe-listed.ts";
import { diagnose } from "../findings/diagnose.ts";
import { parseMilliseconds } from "../options/parse-milliseconds.ts";
import type { Probe } from "../options/parse-probe.ts";
import { parseProbe } from "../options/parse-probe.ts";
import { aborted, createProbeHttp } from "../http/create-probe-http.ts";
import { recordQuestions } from "../http/record-questions.ts";
import { toDiscoveredModels } from "../models/to-discovered-models.ts";
import { applyTemplates } from "../template/apply-templates.ts";
import { probeTemplates } from "../template/probe-templates.ts";
import { toHeaders } from "../options/to-headers.ts";
import { askFleet } from "../server/ask-fleet.ts";
import { readSnapshot } from "../server/read-snapshot.ts";
import { readRoutes, taskOf } from "../server/routes.ts";
import type { AskedQuestion, ServerKind, ServerReport } from "../report/server-report.ts";
import { takeSnapshot } from "../server/take-snapshot.ts";
import { toAccess } from "../server/to-access.ts";
import { toCapabilities } from "../server/to-capabilities.ts";
import { toListError } from "../server/to-list-error.ts";

/** The server, and how much it is asked. Only `baseUrl` is required. */
export interface DiscoverServerOptions {
  /** What people paste: with or without scheme and `/v1`. */
  baseUrl: string;
  apiKey?: string | undefined;
  /** Sent with every question, for gateways. */
  headers?: Readonly<Record<string, string>> | undefined;
  /**
   * - `passive` (default): GETs, prompts rendered by `/tokenize`, which generates nothing, and per template two requests for more output
   *   than any window holds, which vLLM refuses with the limit that is in force
   * - `list`: GETs only
   * - `active`: besides, per chat model, up to eight requests that vLLM refuses after its last check (no token is generated) and one short chat
   *   (at most 160 output tokens; a second one when the first leaves a doubt); per other model one word to embed, rank or classify. What costs
   *   tokens is left out while the server works for others. `report.tokensSpent` tells the price
   */
  probe?: Probe | undefined;
  /** Lets `active` generate also while the server works for others. */
  evenIfBusy?: boolean | undefined;
  /** An earlier report of this server: what its template probe showed is used again while version, `root` and start are the same. */
  known?: ServerReport | undefined;
  /** Stops the discovery, which then throws `ABORTED`. */
  signal?: AbortSignal | undefined;
  /** One deadline for all questions together, in ms. Default: 5000; with `active`, which waits for a model to write, 60000. */
  timeoutMs?: number | undefined;
  /** How large an answer may be: `auxiliaryBytes`, `errorBytes` and `nesting` apply here. */
  limits?: LimitOptions | undefined;
  /** Certificates for `https:` addresses, as for `createVllmClient`. Only on Node, and not with `fetch`. */
  tls?: TlsOptions | undefined;
  /** The address of a proxy, or false for none, as for `createVllmClient`. Default: what the environment says. */
  proxy?: string | false | undefined;
  /** Reports each request with its status and its times in ms, as for `createVllmClient`. Default: on stderr, if `VLLM_LOG=debug` says so. */
  logger?: Logger | undefined;
  /** Used instead of our own transport, by which `@vllm/client` reaches the server, too. */
  fetch?: typeof fetch | undefined;
}

const DEFAULT_TIMEOUT_MS = 5000;
const ACTIVE_TIMEOUT_MS = 60_000;

/** Servers that check a request as vLLM does. Others might charge for it. */
const VLLM_KINDS: ReadonlySet<ServerKind> = new Set(["vllm", "vllm-router", "production-stack"]);

/**
 * Probes a server once: what it is, which models it serves and what each can do, whether it is healthy, what should be fixed.
 * A server that is down, locked or something else is a report, too.
 *
 * @throws {VllmError} `CONFIG_INVALID` when `baseUrl` is no address or another option cannot be used, `ABORTED` when `signal` says so
 */
export function discoverServer(options: DiscoverServerOptions): Promise<ServerReport> {
  return discoverInSession(options, newSession());
}

/** A name for a probe, in the form that every router takes. */
export function newSession(): string {
  return `probe-${Math.random().toString(36).slice(2).padEnd(8, "0")}`;
}

/** The same under a given name, by which routers keep questions on one server. */
export async function discoverInSession(options: DiscoverServerOptions, session: string): Promise<ServerReport> {
  const checkedAt = Date.now();
  const start = performance.now();
  const { apiRoot, serverRoot, authorization, hasQuery } = readAddress(options.baseUrl);
  const probe = parseProbe(options.probe);
  const limits = parseLimits(options.limits);
  const usualMs = probe === "active" ? ACTIVE_TIMEOUT_MS : DEFAULT_TIMEOUT_MS;
  // A timer takes whole numbers.
  const timeoutMs = Math.max(1, Math.ceil(parseMilliseconds("timeoutMs", options.timeoutMs, usualMs)));
  const asked: AskedQuestion[] = [];
  const credentials = toHeaders({ ...options, authorization });
  const keySent = "authorization" in credentials;
  const hasUnsentLogin = authorization !== undefined && credentials["authorization"] !== authorization;
  const http = recordQuestions(
    createProbeHttp({ ...options, session, limits, credentials, deadline: AbortSignal.timeout(timeoutMs) }),
    asked,
  );
  const hasCredentials = Object.keys(credentials).length > 0;

  const { listed, complete } = takeSnapshot({ http, apiRoot, serverRoot, hasCredentials, timeoutMs });
  // Whether an earlier report still holds is seen in /metrics; without one there is nothing to wait for.
  const templatesFrom = options.known === undefined ? listed : complete.then(({ snapshot }) => snapshot);
  const probing = templatesFrom.then((snapshot) =>
    probeTemplates({
      http,
      apiRoot,
      serverRoot,
      seen: readSnapshot(snapshot),
      isWanted: probe !== "list",
      known: options.known,
    }),
  );
  const fleetAsked = complete.then(({ snapshot: seen }) => {
    const { verdict } = readSnapshot(seen);
    return askFleet({ http, apiRoot, serverRoot, kind: verdict.kind, snapshot: seen, timeoutMs });
  });
  const [{ snapshot, routes }, templates, fleet] = await Promise.all([complete, probing, fleetAsked]);
  throwIfAborted(options.signal);
  const { verdict, version, list, capacity } = readSnapshot(snapshot);
  // Routes of a router speak of the router.
  const routeTable = readRoutes(verdict.kind === "vllm" ? routes : {}, snapshot.openapi);
  const models = applyTemplates(
    toDiscoveredModels(list?.models ?? [], { version, task: taskOf(routeTable, version) }),
    templates,
  );
  const active =
    probe === "active" && verdict.state === "ready" && VLLM_KINDS.has(verdict.kind)
      ? await probeActive({
          http,
          apiRoot,
          serverRoot,
          models,
          version,
          capacity,
          router: fleet?.router,
          evenIfBusy: options.evenIfBusy ?? false,
        })
      : probe === "active" && verdict.state === "ready" && verdict.kind === "litellm"
        ? await probeListed({ http, apiRoot, models, router: fleet?.router ?? "LiteLLM" })
        : undefined;
  throwIfAborted(options.signal);

  const report: Omit<ServerReport, "findings"> = {
    serverRoot,
    apiRoot,
    kind: verdict.kind,
    kindEvidence: verdict.evidence,
    state: verdict.state,
    version,
    healthy: verdict.healthy,
    models: active?.models ?? models,
    refusedIds: list?.refused ?? [],
    capabilities: toCapabilities({
      kind: verdict.kind,
      snapshot,
      routes: routeTable,
      capacity,
      tokenize: templates.tokenize,
    }),
    access: toAccess(snapshot, list, {
      apiRoot,
      keySent,
      credentialsInUrl: authorization !== undefined,
      queryInUrl: hasQuery === true,
    }),
    ...(fleet === undefined ? {} : { fleet }),
    capacity,
    error:
      list === undefined
        ? toListError(snapshot.models, `${apiRoot}/models`, { keySent, hasUnsentLogin }, limits)
        : undefined,
    templateProbe: templates.summary,
    tokensSpent: active?.tokens ?? 0,
    probeFindings: active?.findings ?? [],
    asked,
    checkedAt,
    durationMs: Math.round(performance.now() - start),
  };
  return { ...report, findings: diagnose(report) };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal.reason);
}
