import { VllmError } from "@vllm/schema/core";
import { requestText } from "@vllm/transport/internal";
import type { Connection } from "../connection/connection.ts";

/** What a server that says nothing in its answer says of itself. */
export type SilentServer =
  | { state: "alive"; running?: number | undefined; waiting?: number | undefined }
  /** It takes no new connection (no status, or a router's 502), or says that it is not healthy. */
  | { state: "gone"; status?: number | undefined }
  | { state: "unknown" };

const ASK_MS = 5000;
/** Of vLLM, and of a router that reached no server. */
const GONE = new Set([502, 503]);
/** vllm-router's, when any of its servers is down: the one that is silent here need not be among them. */
const OTHER_SERVERS = /Unhealthy servers/;

/**
 * Asks `GET /health`, with the headers of the request, so that a router asks the same server. A vLLM that was stopped while busy keeps its
 * connections, says nothing on them any more, and refuses new ones. Never throws.
 */
export async function askSilentServer(
  connection: Connection,
  headers: Readonly<Record<string, string>>,
  { signal, wantsLoad }: { signal: AbortSignal; wantsLoad: boolean },
): Promise<SilentServer> {
  const get = (path: string) => {
    const url = `${connection.serverRoot}${path}`;
    return requestText({ ...connection, headers }, { method: "GET", url, signal, timeoutMs: ASK_MS });
  };
  try {
    const { status, text } = await get("/health");
    if (status === 200) return { state: "alive", ...(wantsLoad ? readLoad((await get("/metrics")).text) : {}) };
    const isGone = GONE.has(status) && !OTHER_SERVERS.test(text);
    return isGone ? { state: "gone", status } : { state: "unknown" };
  } catch (error) {
    const isRefused = VllmError.isInstance(error) && error.reason === "refused";
    return { state: isRefused ? "gone" : "unknown" };
  }
}

/** A gauge of each engine: the server's load is their sum. */
function readLoad(metrics: string): { running?: number; waiting?: number } {
  const load: { running?: number; waiting?: number } = {};
  for (const [, name, value] of metrics.matchAll(
    /^vllm:num_requests_(running|waiting)(?:\{[^}\n]*\})? ([\d.]{1,20})/gm,
  )) {
    const key = name as keyof typeof load;
    load[key] = (load[key] ?? 0) + Number(value);
  }
  return load;
}
