import type { BridgeOptions } from "../options/bridge-options.ts";
import type { BridgeLogEntry } from "../options/log-entry.ts";

/** Everything is optional. No variable of the environment is read but those of proxies, `VLLM_TRANSPORT` and `VLLM_LOG`. */
export interface BridgeFetchOptions extends Pick<
  BridgeOptions,
  | "affinity"
  | "dryRun"
  | "limits"
  | "logger"
  | "models"
  | "probeStrictTools"
  | "proxy"
  | "reasoningTokens"
  | "recover"
  | "resume"
  | "timeouts"
  | "tls"
> {
  /** Address of vLLM, as people paste it: all requests go there. Default: each request goes to the address that it names. */
  upstream?: string | undefined;
  /** vLLM's key, sent to `upstream` instead of what the program's client sends. */
  apiKey?: string | undefined;
  /** Used instead of our own transport; `tls` and `proxy` are then its own affair. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Called once for each chat, when it is over. Holds no prompt, no answer and no key. */
  log?: ((entry: BridgeLogEntry) => void) | undefined;
}
