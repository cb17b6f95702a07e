import { displayUrl, VllmError } from "@vllm/schema/core";
import type { Finding } from "../report/finding.ts";
import type { DiscoverServerOptions } from "./discover-server.ts";
import { discoverServer } from "./discover-server.ts";
import type { DiscoveredModel, ServerReport } from "../report/server-report.ts";

/** A server among several. */
export interface NamedServer extends DiscoverServerOptions {
  /** As it is to be shown, for example the provider id `vllm-big`. Default: the address. */
  name?: string | undefined;
}

/** The reports of several servers, and what they serve together. */
export interface ServersReport {
  /** In the order of the input. */
  servers: readonly { name: string; report: ServerReport | undefined; error: VllmError | undefined }[];
  /** Every model id once, with the servers that serve it, in the order they were given. */
  models: readonly { id: string; servers: readonly string[]; model: DiscoveredModel }[];
  /** Findings of all servers, with the server they are about. */
  findings: readonly (Finding & { server: string })[];
}

/**
 * Probes several servers at the same time. A server that is down, slow or wrongly addressed hides none of the others.
 *
 * @throws {VllmError} `ABORTED` when a server's signal says so
 */
export async function discoverServers(
  servers: readonly NamedServer[],
  discover: (options: DiscoverServerOptions) => Promise<ServerReport> = discoverServer,
): Promise<ServersReport> {
  const seen = await Promise.all(servers.map((server) => probeServer(server, discover)));
  const models = new Map<string, { id: string; servers: string[]; model: DiscoveredModel }>();
  for (const { name, report } of seen) {
    for (const model of report?.models ?? []) {
      const known = models.get(model.id);
      if (known === undefined) models.set(model.id, { id: model.id, servers: [name], model });
      else if (!known.servers.includes(name)) known.servers.push(name);
    }
  }
  const findings = seen.flatMap(({ name, report, error }) =>
    report === undefined ? toFindings(name, error) : report.findings.map((finding) => ({ ...finding, server: name })),
  );
  return { servers: seen, models: [...models.values()], findings };
}

async function probeServer(
  server: NamedServer,
  discover: (options: DiscoverServerOptions) => Promise<ServerReport>,
): Promise<ServersReport["servers"][number]> {
  const { name = displayUrl(String(server.baseUrl ?? "")), ...options } = server;
  try {
    return { name, report: await discover(options), error: undefined };
  } catch (error) {
    if (!VllmError.isInstance(error) || error.code === "ABORTED") throw error;
    return { name, report: undefined, error };
  }
}

function toFindings(server: string, error: VllmError | undefined): (Finding & { server: string })[] {
  if (error === undefined) return [];
  return [{ code: "CONFIG_INVALID", severity: "error", message: error.message, fix: error.hint, server }];
}
