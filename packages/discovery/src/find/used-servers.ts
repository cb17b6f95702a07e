import { displayUrl, readAddress } from "@vllm/schema/core";
import { isRecord, parseJson } from "@vllm/schema/internal";
import type { System } from "./system.ts";
import { currentSystem } from "./system.ts";

const MOST_SERVERS = 10;

/** `$XDG_CONFIG_HOME/vllm-connect/servers.json`, else `~/.config/vllm-connect/servers.json`. */
export function usedServersPath({ env, home }: Pick<System, "env" | "home">): string {
  const own = env["XDG_CONFIG_HOME"];
  const folder = own === undefined || !own.startsWith("/") ? `${env["HOME"] ?? home}/.config` : own;
  return `${folder}/vllm-connect/servers.json`;
}

/** Addresses in the file, the last used first. What is no address is passed over. */
export async function readUsedServers(path: string, system: System): Promise<string[]> {
  const text = await system.readText(path);
  const value = parseJson(text ?? "");
  const servers = isRecord(value) && Array.isArray(value["servers"]) ? value["servers"] : [];
  return servers.flatMap((server: unknown) => {
    const baseUrl = isRecord(server) ? server["baseUrl"] : undefined;
    return typeof baseUrl === "string" && isAddress(baseUrl) ? [baseUrl] : [];
  });
}

/**
 * Writes an address on top of the file of used servers, which {@link findServers} reads: `{ "servers": [{ "baseUrl": "http://gpu1:8000/v1" }] }`.
 * A user name and password in the address are left out; keys are never written. Does nothing where there are no files.
 */
export async function rememberServer(baseUrl: string, options: { path?: string | undefined } = {}): Promise<void> {
  const system = currentSystem();
  if (system === undefined) return;
  const { apiRoot } = readAddress(baseUrl);
  const path = options.path ?? usedServersPath(system);
  const earlier = await readUsedServers(path, system);
  if (earlier[0] === apiRoot) return;
  const servers = [apiRoot, ...earlier.filter((other) => other !== apiRoot)].slice(0, MOST_SERVERS);
  const { mkdir, rename, writeFile } = process.getBuiltinModule("node:fs/promises");
  const { dirname } = process.getBuiltinModule("node:path");
  const draft = `${path}.${process.pid}.tmp`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const list = servers.map((server) => ({ baseUrl: displayUrl(server) }));
  await writeFile(draft, `${JSON.stringify({ servers: list }, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

function isAddress(text: string): boolean {
  try {
    readAddress(text);
    return true;
  } catch {
    return false;
  }
}
