import { VllmError } from "@vllm/schema/core";
import { isLoopback } from "./access.ts";

const LOOPBACK = "127.0.0.1";

/**
 * The arguments of `server.listen`, on loopback when they name no host.
 *
 * @throws {VllmError} `CONFIG_INVALID` for another address without a key
 */
export function toListenArguments(given: readonly unknown[], hasKey: boolean): unknown[] {
  const [first, second, ...rest] = given;
  if (typeof first === "object" && first !== null) {
    const options = first as { host?: string | undefined; path?: unknown; port?: unknown };
    if (options.path !== undefined || options.port === undefined) return [...given];
    return [{ ...options, host: check(options.host ?? LOOPBACK, hasKey) }, ...given.slice(1)];
  }
  if (typeof first === "string" && !/^\d+$/.test(first)) return [...given];
  const port = typeof first === "function" || first === undefined ? 0 : first;
  if (typeof first === "function") return [port, LOOPBACK, ...given];
  if (typeof second === "string") return [port, check(second, hasKey), ...rest];
  return [port, LOOPBACK, ...(second === undefined ? [] : [second]), ...rest];
}

function check(host: string, hasKey: boolean): string {
  if (hasKey || isLoopback(host)) return host;
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: `The bridge would be open to everyone who reaches ${host}.`,
    hint: "Give it a key (npx @vllm/connect bridge: the variable VLLM_BRIDGE_KEY, without --open), or listen on 127.0.0.1.",
  });
}
