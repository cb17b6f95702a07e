export interface SetupOptions {
  baseUrl?: string | undefined;
  model?: string | undefined;
  /** Undefined: `vllm`, or our own where OpenClaw has our plugin. */
  provider?: string | undefined;
  /** Put a bridge in between, on this port. */
  bridgePort?: number | undefined;
  /** Store a key that is found in a variable. */
  storeKey: boolean;
  yes: boolean;
  dryRun: boolean;
}
