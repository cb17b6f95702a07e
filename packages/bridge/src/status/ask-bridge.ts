import { readAddress } from "@vllm/schema/core";
import { createFetch } from "@vllm/transport";
import type { TlsOptions } from "@vllm/transport";
import { readText } from "@vllm/transport/internal";
import type { BridgeStatus } from "./bridge-status.ts";
import { CHALLENGE, STATUS_PATH } from "./bridge-status.ts";

/** The bridge probes vLLM before it answers. */
const ANSWER_MS = 6000;
/** Something else may answer there, without an end. */
const MOST_STATUS_BYTES = 65_536;

export interface AskBridgeOptions {
  /** What the agent asks: the address of a bridge, or of vLLM itself. */
  baseUrl: string;
  /** What the agent sends as its key. */
  apiKey?: string | undefined;
  tls?: TlsOptions | undefined;
  proxy?: string | false | undefined;
  fetch?: typeof fetch | undefined;
  signal?: AbortSignal | undefined;
}

/** What is at an address: a bridge, one that refuses the key, or none. */
type BridgeAnswer =
  | { kind: "bridge"; status: BridgeStatus }
  /** A bridge with a key of its own, which is not the one that was sent. */
  | { kind: "locked" }
  | { kind: "none" };

/** Asks whether there is a bridge at this address. Never throws. */
export async function probeBridge(options: AskBridgeOptions): Promise<BridgeAnswer> {
  const { apiKey, tls, proxy, signal } = options;
  try {
    const { serverRoot, authorization } = readAddress(options.baseUrl);
    const login = apiKey === undefined ? authorization : `Bearer ${apiKey}`;
    const timeout = AbortSignal.timeout(ANSWER_MS);
    const answer = await (options.fetch ?? createFetch({ tls, proxy }))(`${serverRoot}${STATUS_PATH}`, {
      headers: login === undefined ? {} : { authorization: login },
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      redirect: "manual",
    });
    if (answer.status === 401 && answer.headers.get("www-authenticate") === CHALLENGE) return { kind: "locked" };
    if (answer.status !== 200) return { kind: "none" };
    const value: unknown = JSON.parse((await readText(answer, MOST_STATUS_BYTES)).text);
    return isStatus(value) ? { kind: "bridge", status: value } : { kind: "none" };
  } catch {
    return { kind: "none" };
  }
}

/** What the bridge at this address says of itself; undefined when there is none, or it refuses the key. Never throws. */
export async function askBridge(options: AskBridgeOptions): Promise<BridgeStatus | undefined> {
  const answer = await probeBridge(options);
  return answer.kind === "bridge" ? answer.status : undefined;
}

function isStatus(value: unknown): value is BridgeStatus {
  const { bridge, upstream, upstreamState } = (value ?? {}) as Partial<BridgeStatus>;
  return typeof bridge === "string" && typeof upstream === "string" && typeof upstreamState === "string";
}
