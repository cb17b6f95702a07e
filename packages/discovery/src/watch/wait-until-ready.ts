import { VllmError } from "@vllm/schema/core";
import { aborted } from "../http/create-probe-http.ts";
import { parseMilliseconds } from "../options/parse-milliseconds.ts";
import type { DiscoverServerOptions } from "../discover/discover-server.ts";
import { discoverServer } from "../discover/discover-server.ts";
import type { ServerReport } from "../report/server-report.ts";
import { sleep } from "./sleep.ts";

/** One probe that found the server not ready. */
export interface WaitProgress {
  /** From 1. */
  attempt: number;
  elapsedMs: number;
  /** What the last probe showed. */
  state: ServerReport["state"];
  /** One sentence, fit to print. */
  message: string;
}

/** Options of a probe, and how long to repeat it. */
export interface WaitUntilReadyOptions extends DiscoverServerOptions {
  /** How long to wait in all, in ms. Default: ten minutes, which large models take to load. */
  timeoutMs?: number | undefined;
  /** Called after every probe that found the server not ready. */
  onProgress?: ((progress: WaitProgress) => void) | undefined;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3000;
/** One probe. A loading vLLM refuses connections, which is known at once. */
const PROBE_MS = 5000;

/**
 * Waits for a server that is still loading: vLLM refuses connections until its model is loaded. What waiting cannot change ends it at once:
 * a wrong key, another kind of server, a certificate that is not trusted.
 *
 * @returns the report of the ready server
 * @throws {VllmError} the last probe's error when the time is over, `AUTHENTICATION_FAILED`, `NOT_VLLM`, `WRONG_BASE_URL`, `CONFIG_INVALID`, or `ABORTED`
 */
export async function waitUntilReady(options: WaitUntilReadyOptions): Promise<ServerReport> {
  const { timeoutMs: given, onProgress, ...settings } = options;
  const timeoutMs = parseMilliseconds("timeoutMs", given, 600_000);
  const start = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const left = timeoutMs - (performance.now() - start);
    const look = { ...settings, timeoutMs: Math.max(1, Math.min(PROBE_MS, left)) };
    const quick = await discoverServer({ ...look, probe: "list" });
    // The probe that was asked for has its own time: an active one waits for a model to write.
    const report = isReady(quick) && settings.probe !== "list" ? await discoverServer(settings) : quick;
    if (isReady(report)) return report;
    const error = toError(report);
    if (isHopeless(report, error)) throw error;
    const elapsedMs = Math.round(performance.now() - start);
    onProgress?.({ attempt, elapsedMs, state: report.state, message: error.message });
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 1.5 ** (attempt - 1));
    if (elapsedMs + pause >= timeoutMs) throw overdue(error, elapsedMs);
    await sleep(pause, settings.signal).catch((reason: unknown) => {
      throw aborted(reason);
    });
  }
}

function isReady(report: ServerReport): boolean {
  return report.state === "ready" && report.models.length > 0;
}

function isHopeless({ state, kind }: ServerReport, error: VllmError): boolean {
  if (state === "locked") return true;
  if (state === "wrong-server") return kind !== "other-http";
  return error.reason === "tls";
}

function toError(report: ServerReport): VllmError {
  if (report.error !== undefined) return report.error;
  const finding = report.findings[0];
  return new VllmError({
    code: "SERVER_STARTING",
    message: finding?.message ?? `${report.apiRoot} lists no models yet.`,
    hint: finding?.fix ?? "Wait until the model is loaded, and look at the server's log.",
    isRetryable: true,
    url: report.apiRoot,
  });
}

function overdue(last: VllmError, elapsedMs: number): VllmError {
  return new VllmError({
    code: last.code === "SERVER_UNREACHABLE" || last.code === "REQUEST_TIMEOUT" ? last.code : "SERVER_STARTING",
    message: `The server was not ready after ${Math.round(elapsedMs / 1000)} s: ${last.message}`,
    hint: last.hint,
    isRetryable: true,
    cause: last,
    reason: last.reason,
    status: last.status,
    url: last.url,
  });
}
