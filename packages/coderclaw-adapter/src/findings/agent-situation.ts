import type { ServerReport } from "@vllm/discovery";
import type { JsonObject } from "../config-file/json-value.ts";
import type { Installation } from "../agent-config/installation.ts";
import type { Environment } from "../agents/agent-home.ts";
import type { AgentId } from "../agents/agent-location.ts";
import type { HostModel } from "../provider/host-model.ts";
import type { KeptField } from "../provider/merge-model.ts";
import type { AdapterFinding } from "./adapter-finding.ts";

/** What the rules look at: plain data, read before. */
export interface AgentSituation {
  agent: AgentId;
  /** Includes put in, `${NAME}` as written. */
  config: JsonObject;
  env: Environment;
  missingVariables: readonly string[];
  providerId: string;
  /** The key the agent would send, and whether it has one at all. */
  key: string | undefined;
  /** Where that key comes from: the name of a variable, or words. */
  keySource?: string | undefined;
  /** Until when the agent holds the stored key back, in ms since 1970; undefined when it would send it. */
  keyHeldBackUntil?: number | undefined;
  /** What the server showed; undefined when it was not asked. */
  report?: ServerReport | undefined;
  /** What {@link report} would make of the entries. */
  found?: readonly HostModel[] | undefined;
  /** Fields that the user wrote, so that `sync` leaves them alone. */
  kept?: readonly KeptField[] | undefined;
  /** The included file that defines the provider: this package does not write there. */
  includedFrom?: string | undefined;
  /** What of CoderClaw is on this machine; undefined when it was not looked at. */
  installation?: Installation | undefined;
}

/** One thing that may be wrong between a configuration and a server. Pure. */
export type AgentRule = (situation: AgentSituation) => AdapterFinding | readonly AdapterFinding[] | undefined;
