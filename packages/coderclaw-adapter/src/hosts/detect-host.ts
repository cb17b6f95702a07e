import { basename } from "node:path";
import { ConfigError } from "@vllm/schema/core";
import { findOnPath } from "./find-on-path.ts";
import type { Surroundings } from "./host-home.ts";
import { setting } from "./host-home.ts";
import type { HostId, HostLocation } from "./host-location.ts";
import { HOST_LABELS } from "./host-location.ts";
import { locateCoderClaw } from "./locate-coderclaw.ts";
import { locateOpenClaw } from "./locate-openclaw.ts";

export interface HostChoice {
  /** `--agent`. */
  host?: HostId | undefined;
  /** `--config`. */
  configPath?: string | undefined;
}

export interface DetectedHost {
  location: HostLocation;
  /** Why it is this host, in words fit to print. */
  reason: string;
}

const LOCATE = { coderclaw: locateCoderClaw, openclaw: locateOpenClaw } as const;
const HOSTS = ["coderclaw", "openclaw"] as const;

/**
 * Finds out which host is meant: what was asked for, else the only one that has a configuration, else the only one that is installed.
 *
 * @throws {ConfigError} when both are there alike.
 */
export function detectHost(surroundings: Surroundings, choice: HostChoice = {}): DetectedHost {
  const { configPath } = choice;
  const located = (host: HostId, reason: string): DetectedHost => ({
    location: LOCATE[host](surroundings, configPath),
    reason,
  });
  if (choice.host !== undefined) return located(choice.host, "from --agent");
  const named = HOSTS.find((host) => configPath !== undefined && basename(configPath).startsWith(host));
  if (named !== undefined) return located(named, "the file's name says so");

  const { env } = surroundings;
  const byVariable = HOSTS.filter((host) =>
    ["CONFIG_PATH", "STATE_DIR"].some((name) => setting(env[`${host.toUpperCase()}_${name}`]) !== undefined),
  );
  if (byVariable.length === 1)
    return located(byVariable[0] as HostId, `${(byVariable[0] as string).toUpperCase()}_… variables are set`);
  const configured = HOSTS.filter((host) => hasConfiguration(host, surroundings));
  if (configured.length === 1) return located(configured[0] as HostId, "it is the only one with a configuration");
  const candidates = configured.length > 1 ? configured : HOSTS.filter((host) => findOnPath(host, env) !== undefined);
  if (candidates.length === 1) return located(candidates[0] as HostId, "it is the only one installed");
  if (candidates.length === 0) return located("coderclaw", "no CoderClaw or OpenClaw found");
  throw new ConfigError({
    message: `${HOST_LABELS.coderclaw} and ${HOST_LABELS.openclaw} are both ${configured.length > 1 ? "configured" : "installed"} here.`,
    hint: "Say which one is meant: --agent coderclaw or --agent openclaw.",
    issues: [{ path: "", received: "two agents", accepted: "one", fix: "Add --agent coderclaw or --agent openclaw." }],
  });
}

/** Several CoderClaw configurations are a configuration too; which of them is asked later. */
function hasConfiguration(host: HostId, surroundings: Surroundings): boolean {
  try {
    return LOCATE[host](surroundings).exists;
  } catch {
    return true;
  }
}
