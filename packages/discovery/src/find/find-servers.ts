import { DEFAULTS, readAddress, VllmError } from "@vllm/schema/core";
import { aborted } from "@vllm/schema/internal";
import type { DiscoverServerOptions } from "../discover/discover-server.ts";
import { discoverServer } from "../discover/discover-server.ts";
import type { ServerReport } from "../report/server-report.ts";
import { readDefaultGateway } from "./default-gateway.ts";
import type { FoundBy, FoundServer, ServerOwner } from "./found-server.ts";
import { listServeProcesses } from "./list-serve-processes.ts";
import { readSocketOwners } from "./socket-owners.ts";
import type { ServeProcess } from "./serve-process.ts";
import type { System } from "./system.ts";
import { currentSystem } from "./system.ts";
import { readUsedServers, usedServersPath } from "./used-servers.ts";
import { readUserNames } from "./user-names.ts";

/** Everything is optional. */
export interface FindServersOptions extends Pick<DiscoverServerOptions, "signal" | "fetch" | "tls" | "proxy"> {
  /** An address that a person named. With one, nothing else is looked for. */
  baseUrl?: string | undefined;
  /** Sent to an address that a person named, and to no other. Default: `VLLM_API_KEY`. */
  apiKey?: string | undefined;
  /** Where `VLLM_BASE_URL` and `VLLM_API_KEY` are read. Default: the process's own. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** File of servers used before, see {@link rememberServer}; false reads none. Default: `~/.config/vllm-connect/servers.json`. */
  usedServers?: string | false | undefined;
  /** For each server, in ms. Default: 2000. */
  timeoutMs?: number | undefined;
}

/** Where `vllm serve` is usually put: its default, what stands beside it, and the ports of containers and of other servers that it replaces. */
const USUAL_PORTS = [8000, 8001, 8002, 8080, 8888, 30_000] as const;
const DEFAULT_TIMEOUT_MS = 2000;
const OUTSIDE_PORT = 8000;

interface Candidate {
  baseUrl: string;
  foundBy: FoundBy[];
  pid?: number | undefined;
  /** Of a process, where the system shows it. */
  user?: number | string | undefined;
}

/**
 * Looks for vLLM servers where people have them: `baseUrl`, `VLLM_BASE_URL`; else running `vllm serve` processes, usual ports of this
 * machine, the machine around this container, servers used before. Looks once, when called. Asks each with a few GETs; a key goes only to an
 * address that was named.
 *
 * @returns what was named, and what is a vLLM; the most telling first. {@link pickServer} chooses
 * @throws {VllmError} `CONFIG_INVALID` when `baseUrl` or `VLLM_BASE_URL` is no address, `ABORTED` when `signal` says so
 */
export async function findServers(options: FindServersOptions = {}): Promise<FoundServer[]> {
  const here = currentSystem();
  const env = options.env ?? here?.env ?? {};
  const named = nameOf(options.baseUrl, env);
  const system = here === undefined ? undefined : { ...here, env };
  const candidates = system === undefined ? [] : await listCandidates(system, named, options);
  const ownerOf = system === undefined ? () => undefined : await readOwners(system);
  const merged = merge(named === undefined ? candidates : [named, ...candidates]);
  // What a person named is all that is asked; that a process runs there is still worth knowing.
  const wanted = named === undefined ? merged : merged.slice(0, 1);
  const found = await Promise.all(wanted.map((candidate) => probe(candidate, ownerOf(candidate), env, options)));
  if (options.signal?.aborted === true) throw aborted(options.signal.reason);
  return found.filter((server) => server !== undefined);
}

function nameOf(option: string | undefined, env: System["env"]): Candidate | undefined {
  if (option !== undefined) return { baseUrl: option, foundBy: ["option"] };
  const variable = env[DEFAULTS.baseUrlVariable]?.trim() ?? "";
  return variable === "" ? undefined : { baseUrl: variable, foundBy: ["variable"] };
}

async function listCandidates(
  system: System,
  named: Candidate | undefined,
  options: FindServersOptions,
): Promise<Candidate[]> {
  if (named !== undefined) return toCandidates(await listServeProcesses(system));
  const usedPath = options.usedServers === false ? undefined : (options.usedServers ?? usedServersPath(system));
  const [processes, owners, outside, gateway, used] = await Promise.all([
    listServeProcesses(system),
    readSocketOwners(system),
    system.resolve("host.docker.internal"),
    readDefaultGateway(system),
    usedPath === undefined ? [] : readUsedServers(usedPath, system),
  ]);
  // Where the system shows what listens, nothing else is asked.
  const ports = USUAL_PORTS.filter((port) => owners === undefined || owners.has(port));
  return [
    ...toCandidates(processes),
    ...ports.map((port): Candidate => ({ baseUrl: `http://127.0.0.1:${port}/v1`, foundBy: ["port"] })),
    ...(outside === undefined ? [] : [at("host.docker.internal", "container-host")]),
    ...(gateway === undefined || gateway === outside ? [] : [at(gateway, "gateway")]),
    ...used.map((baseUrl): Candidate => ({ baseUrl, foundBy: ["used"] })),
  ];
}

function toCandidates(processes: readonly ServeProcess[]): Candidate[] {
  return processes.map(({ baseUrl, pid, user }) => ({ baseUrl, foundBy: ["process"], pid, user }));
}

function at(host: string, by: FoundBy): Candidate {
  return { baseUrl: `http://${host}:${OUTSIDE_PORT}/v1`, foundBy: [by] };
}

/** One candidate an address, with all the ways by which it was found. */
function merge(candidates: readonly Candidate[]): Candidate[] {
  const byAddress = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const address = readAddress(candidate.baseUrl).apiRoot.replace("//localhost:", "//127.0.0.1:");
    const known = byAddress.get(address);
    if (known === undefined) byAddress.set(address, { ...candidate });
    else {
      known.foundBy.push(...candidate.foundBy.filter((by) => !known.foundBy.includes(by)));
      known.pid ??= candidate.pid;
      known.user ??= candidate.user;
    }
  }
  return [...byAddress.values()];
}

async function probe(
  candidate: Candidate,
  owner: ServerOwner | undefined,
  env: System["env"],
  options: FindServersOptions,
): Promise<FoundServer | undefined> {
  const { foundBy } = candidate;
  const isNamed = foundBy.includes("option") || foundBy.includes("variable");
  const { signal, fetch, tls, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const report = await discoverServer({
    baseUrl: candidate.baseUrl,
    apiKey: isNamed ? (options.apiKey ?? env[DEFAULTS.apiKeyVariable]) : undefined,
    probe: "list",
    timeoutMs,
    signal,
    fetch,
    tls,
    // What nobody named is not asked through a proxy, which would learn of it.
    proxy: isNamed || fetch !== undefined ? options.proxy : false,
  }).catch((error: unknown) => {
    // The file of used servers may hold anything that reads as an address.
    if (isNamed || (VllmError.isInstance(error) && error.code === "ABORTED")) throw error;
    return undefined;
  });
  if (report === undefined) return undefined;
  const isLoading = foundBy.includes("process") && report.state === "unreachable";
  if (!isNamed && !isLoading && !isVllm(report)) return undefined;
  return { baseUrl: report.apiRoot, foundBy, isNamed, owner, isLoading, report };
}

/** Or what might be one: with a key in front of everything a server does not say. */
function isVllm({ kind, state }: ServerReport): boolean {
  return (
    ["vllm", "vllm-router", "production-stack", "ray-serve"].includes(kind) || (kind === "locked" && state === "locked")
  );
}

/** Who owns what listens on this machine. */
async function readOwners(system: System): Promise<(candidate: Candidate) => ServerOwner | undefined> {
  const [owners, nameOfUser] = await Promise.all([readSocketOwners(system), readUserNames(system)]);
  const { uid: own, env } = system;
  return ({ baseUrl, pid, user }) => {
    const url = new URL(readAddress(baseUrl).apiRoot);
    // By the socket, where it is shown: a command line can say anything.
    const id = isHere(url.hostname) ? (owners?.get(Number(url.port)) ?? user) : user;
    if (id === undefined) return undefined;
    if (typeof id === "number") return { user: nameOfUser(id), isYou: id === own, pid };
    return { user: id, isYou: id === (env["USER"] ?? env["LOGNAME"]), pid };
  };
}

function isHere(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
}
