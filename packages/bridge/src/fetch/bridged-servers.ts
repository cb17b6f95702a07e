import { VllmError } from "@vllm/schema/core";
import { createModelProfiles } from "../upstream/model-profiles.ts";
import type { ModelProfiles } from "../upstream/model-profiles.ts";
import { createUpstreamServer } from "../upstream/upstream-server.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";
import type { BridgeFetchOptions } from "./bridge-fetch-options.ts";

/** A server, and what is known about its models. */
interface BridgedServer {
  upstream: UpstreamServer;
  profiles: ModelProfiles;
}

export interface BridgedServers {
  /** The one that gets all requests, if `upstream` names one. */
  readonly only: BridgedServer | undefined;
  /** The one for a base URL. */
  find(baseUrl: string): BridgedServer;
}

/** A program asks one server or a few. */
const MOST_SERVERS = 32;

/** @throws {VllmError} `CONFIG_INVALID` when an option cannot be used */
export function createBridgedServers(options: BridgeFetchOptions): BridgedServers {
  const { upstream, apiKey, ...rest } = options;
  if (upstream === undefined && apiKey !== undefined) throw keyForAnyServer();
  const only = upstream === undefined ? undefined : create({ ...rest, upstream, apiKey });
  // What cannot be used is reported here, not at the first request.
  if (only === undefined) create({ ...rest, upstream: "http://127.0.0.1/v1" });
  const servers = new Map<string, BridgedServer>();
  return {
    only,
    find(baseUrl) {
      const known = only ?? servers.get(baseUrl);
      if (known !== undefined) return known;
      const created = create({ ...rest, upstream: baseUrl });
      const [oldest] = servers.keys();
      if (servers.size >= MOST_SERVERS && oldest !== undefined) servers.delete(oldest);
      servers.set(baseUrl, created);
      return created;
    },
  };
}

function create(options: BridgeFetchOptions): BridgedServer {
  const upstream = createUpstreamServer(options, {});
  return { upstream, profiles: createModelProfiles(upstream, options) };
}

function keyForAnyServer(): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: "createBridgeFetch has an apiKey without an upstream: it would be sent to any server that is asked.",
    hint: 'Name the server, too (upstream: "http://gpu1:8000"), or give the key to the client that uses the fetch.',
  });
}
