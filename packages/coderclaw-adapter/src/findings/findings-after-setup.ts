import type { ServerReport } from "@vllm/discovery";
import type { DocumentEdit } from "../config-file/edit-document.ts";
import type { ReadHostConfig } from "../host-config/read-host-config.ts";
import { applyEdits } from "../provider/apply-edits.ts";
import type { AdapterFinding } from "./adapter-finding.ts";
import { isForAgents } from "./advice-for-agents.ts";
import { allFindings } from "./all-findings.ts";
import { diagnoseHost } from "./diagnose-host.ts";

/** What stays wrong with a server and a configuration once the edits of a set-up are in it. */
export function findingsAfterSetup(
  config: ReadHostConfig,
  after: { providerId: string; report: ServerReport; edits: readonly DocumentEdit[]; hasBridge: boolean },
): AdapterFinding[] {
  const { providerId, report, edits, hasBridge } = after;
  const { host } = config.location;
  const situation = {
    host,
    config: applyEdits(config.value, edits),
    env: config.env,
    missingVariables: config.missingVariables,
    providerId,
    key: "present",
    report,
  };
  const place = { host, providerId, hasBridge };
  // What is not served is among the notes.
  return allFindings(report.findings, diagnoseHost(situation), place).filter(
    (finding) => finding.severity !== "info" && finding.code !== "MODEL_NOT_SERVED" && isForAgents(finding, place),
  );
}
