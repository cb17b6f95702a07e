import { DEFAULT_BRIDGE_PORT } from "@vllm/bridge/internal";
import { usageError } from "../terminal/usage-error.ts";

/**
 * The bridge's port, as typed after an option.
 *
 * @throws {VllmError} `CONFIG_INVALID` for anything but a number from `least` to 65535
 */
export function parsePort(text: string | undefined, option: string, least: 0 | 1): number {
  if (text === undefined) return DEFAULT_BRIDGE_PORT;
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= least && port <= 65_535) return port;
  const range = least === 0 ? "0 (any free port) to 65535" : "1 to 65535";
  throw usageError(
    `"${text}" is not a port${text === "0" ? " that the agent could be told" : ""}.`,
    `Pass ${option} with a number from ${range}.`,
  );
}
