/** One of the servers at an address, as it was seen. */
export interface SeenServer {
  models: readonly { id: string; contextWindow: number | undefined }[];
  version: string | undefined;
  /** ms since 1970. */
  startedAt: number | undefined;
}

/** What stands behind a router. Capacity and cache of a report are those of one of the servers. */
export interface FleetFacts {
  /** The router or proxy that answers. */
  router: string;
  /** As the router itself counts; only vllm-router does. */
  count?: { total: number; healthy: number } | undefined;
  /** Addresses of servers that the router says are down. */
  down: readonly string[];
  /** Servers that answered to requests of different sessions, each once. */
  seen: readonly SeenServer[];
}
