import type { ServerReport } from "@vllm/discovery";
import type { DocumentEdit } from "../config-file/edit-document.ts";
import type { ReadAgentConfig } from "../agent-config/read-agent-config.ts";
import { applyEdits } from "../provider/apply-edits.ts";
import type { AdapterFinding } from "./adapter-finding.ts";
import { isForAgents } from "./advice-for-agents.ts";
import { allFindings } from "./all-findings.ts";
import { diagnoseAgent } from "./diagnose-agent.ts";

/** What stays wrong with a server and a configuration once the edits of a set-up are in it. */
export function findingsAfterSetup(
  config: ReadAgentConfig,
  after: { providerId: string; report: ServerReport; edits: readonly DocumentEdit[]; hasBridge: boolean },
): AdapterFinding[] {
  const { providerId, report, edits, hasBridge } = after;
  const { agent } = config.location;
  const situation = {
    agent,
    config: applyEdits(config.value, edits),
    env: config.env,
    missingVariables: config.missingVariables,
    providerId,
    key: "present",
    report,
  };
  const place = { agent, providerId, hasBridge };
  // What is not served is among the notes.
  return allFindings(report.findings, diagnoseAgent(situation), place).filter(
    (finding) => finding.severity !== "info" && finding.code !== "MODEL_NOT_SERVED" && isForAgents(finding, place),
  );
}
