import type { AdapterFinding } from "./adapter-finding.ts";
import { bySeverity } from "./adapter-finding.ts";
import type { FindingPlace } from "./advice-for-agents.ts";
import { adviseAgents } from "./advice-for-agents.ts";

/** What is wrong with the server and between it and the agent, most severe first, with advice for people who set up an agent. */
export function allFindings(
  ofServer: readonly AdapterFinding[],
  ofAgent: readonly AdapterFinding[],
  place: FindingPlace,
): AdapterFinding[] {
  // What the agent's own rules say about a window is more exact than what discovery says: it knows the configuration.
  const judged = new Set(ofAgent.filter(({ code }) => code.startsWith("WINDOW_")).map(({ model }) => model));
  const isRepeated = ({ code, model }: AdapterFinding): boolean =>
    (code === "WINDOW_TOO_SMALL" || code === "WINDOW_SMALL") && judged.has(model);
  const advised = ofServer.filter((finding) => !isRepeated(finding)).map((finding) => adviseAgents(finding, place));
  return [...advised, ...ofAgent].toSorted(bySeverity);
}

/** Whether it is an error: the rest can wait until the server works. */
export function isError({ severity }: AdapterFinding): boolean {
  return severity === "error";
}
