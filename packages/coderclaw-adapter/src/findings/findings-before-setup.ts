import type { ServerReport } from "@vllm/discovery";
import { diagnose } from "@vllm/discovery";
import type { HostModel } from "../provider/host-model.ts";
import type { AdapterFinding } from "./adapter-finding.ts";
import type { FindingPlace } from "./advice-for-agents.ts";
import { isForAgents } from "./advice-for-agents.ts";
import { allFindings } from "./all-findings.ts";
import { HOST_WINDOW } from "./host-windows.ts";
import { windows } from "./rules/windows.ts";

/** What a wizard has to say about a server that nothing is configured for yet: its windows are judged by the host that will use them. */
export function findingsBeforeSetup(
  report: ServerReport,
  models: readonly HostModel[],
  place: FindingPlace,
): AdapterFinding[] {
  const { host, providerId } = place;
  const config = { models: { providers: { [providerId]: { models: models.map(({ entry }) => entry) } } } };
  const ofHost = windows({ host, config, env: {}, missingVariables: [], providerId, key: undefined, report });
  const ofServer = diagnose(report, { hostWindow: HOST_WINDOW[host] });
  return allFindings(ofServer, [ofHost ?? []].flat(), place).filter(
    (finding) => finding.severity !== "info" && isForAgents(finding, place),
  );
}
