import type { AgentId } from "../agents/agent-location.ts";
import { OPENCLAW_PROVIDER_ID } from "../agents/plugin-ids.ts";
import { keyVariable } from "../agent-config/provider-settings.ts";
import type { AdapterFinding } from "./adapter-finding.ts";

export interface FindingPlace {
  agent: AgentId;
  providerId: string;
  /** A bridge is in between: it fits the messages to the template. */
  hasBridge?: boolean | undefined;
}

/** True, and of no use to somebody who sets up an agent: both agents send one system message, and none with the role developer unless told so. */
const NOT_FOR_AGENTS: ReadonlySet<string> = new Set([
  "BROWSERS_REFUSED",
  "KEY_NOT_NEEDED",
  "MODEL_ALIAS",
  "SYSTEM_MESSAGES_REJECTED",
  "SYSTEM_MESSAGES_DROPPED",
  "DEVELOPER_ROLE_REJECTED",
  "DEVELOPER_ROLE_DROPPED",
]);

const USER_MESSAGES: ReadonlySet<string> = new Set(["USER_MESSAGES_REJECTED", "USER_MESSAGES_DROPPED"]);

/** Whether a person who sets up an agent can do something with it. */
export function isForAgents({ code }: AdapterFinding, { providerId, hasBridge = false }: FindingPlace): boolean {
  const mergesMessages = hasBridge || providerId === OPENCLAW_PROVIDER_ID;
  return !NOT_FOR_AGENTS.has(code) && !(mergesMessages && USER_MESSAGES.has(code));
}

/** Discovery advises programmers; the same in commands of this package. */
export function adviseAgents(finding: AdapterFinding, place: FindingPlace): AdapterFinding {
  const { agent, providerId } = place;
  const provider = providerId === "vllm" ? "" : ` --provider ${providerId}`;
  switch (finding.code) {
    case "KEY_MISSING":
      return {
        ...finding,
        fix: `npx @vllm/connect setup${provider} asks for the key and stores it. Without a terminal: set ${keyVariable(providerId)} to it and add --yes.`,
      };
    case "KEY_WRONG":
      return {
        ...finding,
        fix: `npx @vllm/connect setup${provider} asks for the right one and stores it. It is what follows --api-key (or stands in VLLM_API_KEY) where the server is started.${agent === "coderclaw" ? ` Without a terminal: set ${keyVariable(providerId)} to it and add --yes.` : ""}`,
      };
    case "OPEN_WITHOUT_KEY":
      // Worth knowing, and nothing that keeps an agent from working.
      return { ...finding, severity: "info" };
    case "SERVER_TIMEOUT":
      return {
        ...finding,
        fix: "Check address, port and firewall, and look at the server's log. vLLM listens to other machines only with --host 0.0.0.0.",
      };
    case "SERVER_STARTING":
      return { ...finding, fix: "Wait until the model is loaded, then run the command again." };
    case "PROBE_SKIPPED_BUSY":
      return { ...finding, fix: "Run doctor --active again when the server is idle." };
    case "USER_MESSAGES_REJECTED":
    case "USER_MESSAGES_DROPPED":
      return agent === "coderclaw"
        ? {
            ...finding,
            fix: `CoderClaw sends such after a turn that failed. The bridge merges them: npx @vllm/connect setup --bridge${provider}`,
          }
        : {
            ...finding,
            severity: "warning",
            fix: `OpenClaw sends such in every turn. Our plugin merges them: npx @vllm/connect init-plugin --agent openclaw`,
          };
    default:
      return finding;
  }
}
