export type HostId = "coderclaw" | "openclaw";

/** Where a host keeps its files, and why there. */
export interface HostLocation {
  host: HostId;
  /** The configuration the host opens. */
  configPath: string;
  /** Whether it is there already. */
  exists: boolean;
  /** Why it is this file, in words fit to print. */
  reason: string;
  /** Other configurations of this host that it does not open. */
  others: readonly string[];
  stateDir: string;
  /** The `.env` file the host reads. */
  envFile: string;
  /** CoderClaw's store of API keys; undefined for OpenClaw, whose store is a database of its own. */
  authProfilesPath?: string | undefined;
  /** OAuth logins of older versions of CoderClaw; undefined for OpenClaw. */
  oauthPath?: string | undefined;
  /** Folder the host loads plugins from. */
  pluginsDir: string;
  /** Set when the host says its configuration may not be changed. */
  readOnly?: string | undefined;
}

export const HOST_LABELS: Readonly<Record<HostId, string>> = { coderclaw: "CoderClaw", openclaw: "OpenClaw" };
