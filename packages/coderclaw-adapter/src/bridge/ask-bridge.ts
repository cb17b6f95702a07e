import { normalizeBaseUrl } from "@vllm/schema/core";
import type { BridgeStatus } from "./bridge-status.ts";
import { STATUS_PATH } from "./bridge-status.ts";

/** The bridge looks at vLLM before it answers. */
const ANSWER_MS = 6000;

export interface AskBridgeOptions {
  /** What the host asks: the address of a bridge, or of vLLM itself. */
  baseUrl: string;
  /** What the host sends as its key. */
  apiKey?: string | undefined;
  fetch?: typeof fetch | undefined;
  signal?: AbortSignal | undefined;
}

/** What the bridge at this address says of itself; undefined when there is none. Never throws. */
export async function askBridge(options: AskBridgeOptions): Promise<BridgeStatus | undefined> {
  const { apiKey, signal } = options;
  try {
    const { serverRoot } = normalizeBaseUrl(options.baseUrl);
    const timeout = AbortSignal.timeout(ANSWER_MS);
    const answer = await (options.fetch ?? fetch)(`${serverRoot}${STATUS_PATH}`, {
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      redirect: "manual",
    });
    const value: unknown = answer.status === 200 ? await answer.json() : undefined;
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is BridgeStatus {
  const { bridge, upstream, upstreamState } = (value ?? {}) as Partial<BridgeStatus>;
  return typeof bridge === "string" && typeof upstream === "string" && typeof upstreamState === "string";
}
