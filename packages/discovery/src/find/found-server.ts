import type { ServerReport } from "../report/server-report.ts";

/**
 * - `option`: `baseUrl` named it
 * - `variable`: `VLLM_BASE_URL` named it
 * - `process`: a `vllm serve` runs on this machine
 * - `port`: it listens on a usual port of this machine
 * - `container-host`: `host.docker.internal`, the machine around this container
 * - `gateway`: the default gateway, which is the machine around some containers and WSL
 * - `used`: it was used before
 */
export type FoundBy = "option" | "variable" | "process" | "port" | "container-host" | "gateway" | "used";

/** Who runs a server on this machine. */
export interface ServerOwner {
  /** Name of the user. */
  user: string;
  /** Whether that is who runs this program. */
  isYou: boolean;
  /** Of its `vllm serve`, where that was seen. */
  pid?: number | undefined;
}

/** A server that was found on this machine or named by somebody. */
export interface FoundServer {
  /** Root of the OpenAI routes, such as `http://127.0.0.1:8000/v1`, without user name and password. */
  baseUrl: string;
  /** All ways by which it was found, the most telling first. */
  foundBy: readonly FoundBy[];
  /** Whether a person named the address (`option`, `variable`): only then was the key sent. */
  isNamed: boolean;
  /** Undefined for servers on other machines, and where the system does not show it. */
  owner: ServerOwner | undefined;
  /** Whether a `vllm serve` runs that does not answer yet: it refuses connections until its model is loaded. */
  isLoading: boolean;
  /** What a few GETs showed (`probe: "list"`). */
  report: ServerReport;
}
