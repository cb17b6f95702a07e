import type { ServerReport } from "@vllm/discovery";
import { diagnose } from "@vllm/discovery";
import type { HostModel } from "../provider/host-model.ts";
import type { AdapterFinding } from "./adapter-finding.ts";
import type { FindingPlace } from "./advice-for-agents.ts";
import { isForAgents } from "./advice-for-agents.ts";
import { allFindings } from "./all-findings.ts";
import { AGENT_WINDOW } from "./agent-windows.ts";
import { windows } from "./rules/windows.ts";

/** What a wizard has to say about a server that nothing is configured for yet: its windows are judged by the agent that will use them. */
export function findingsBeforeSetup(
  report: ServerReport,
  models: readonly HostModel[],
  place: FindingPlace,
): AdapterFinding[] {
  const { agent, providerId } = place;
  const config = { models: { providers: { [providerId]: { models: models.map(({ entry }) => entry) } } } };
  const ofAgent = windows({ agent, config, env: {}, missingVariables: [], providerId, key: undefined, report });
  const ofServer = diagnose(report, { hostWindow: AGENT_WINDOW[agent] });
  return allFindings(ofServer, [ofAgent ?? []].flat(), place).filter(
    (finding) => finding.severity !== "info" && isForAgents(finding, place),
  );
}
