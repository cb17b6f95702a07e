import { networkInterfaces } from "node:os";
import { isLoopback } from "@vllm/bridge/internal";

type Interfaces = ReturnType<typeof networkInterfaces>;

const EVERY_ADDRESS = new Set(["0.0.0.0", "::"]);

/** True when who asks `target` reaches what listens on `address`, both on this machine. */
export function leadsTo(target: string, address: string): boolean {
  if (target === address || isLoopback(target) || EVERY_ADDRESS.has(target)) return true;
  return EVERY_ADDRESS.has(address) && listAddresses(networkInterfaces()).some((own) => own.address === target);
}

/** A base URL that other machines can use: what listens on every address is reached by one of them. */
export function toReachableUrl(baseUrl: string, interfaces: Interfaces = networkInterfaces()): string {
  const { hostname } = new URL(baseUrl);
  if (!EVERY_ADDRESS.has(hostname.replace(/^\[|\]$/g, ""))) return baseUrl;
  const outside = listAddresses(interfaces).find(({ family, internal }) => family === "IPv4" && !internal);
  return baseUrl.replace(hostname, outside?.address ?? "127.0.0.1");
}

function listAddresses(interfaces: Interfaces) {
  return Object.values(interfaces).flatMap((addresses = []) => addresses);
}
