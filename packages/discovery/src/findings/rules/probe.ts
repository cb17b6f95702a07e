import type { FindingRule } from "../finding-rule.ts";
import { describeLoad } from "./describe-load.ts";

/** Questions that a server, otherwise ready, did not answer in time. What they would have shown is unknown, which is not a no. */
export const incomplete: FindingRule = ({ state, asked, templateProbe, models, capacity, probeFindings }) => {
  if (state !== "ready" || models.length === 0) return [];
  const isChatFound = probeFindings.some(({ code }) => code === "CHAT_UNANSWERED");
  const late = asked.filter(
    ({ result, path }) => result === "timeout" && !(isChatFound && path.endsWith("/completions")),
  );
  const { incomplete: unfinished = [], cause } = templateProbe;
  if (late.length === 0 && unfinished.length === 0 && cause !== "no-time") return [];
  const paths = [...new Set(late.map(({ path }) => path))];
  const what = paths.length === 0 ? "some questions" : paths.slice(0, 3).join(", ");
  const load = describeLoad(capacity);
  return [
    {
      code: "PROBE_INCOMPLETE",
      severity: "warning",
      message: `The probe ran out of time before ${what} answered, so a part of this report is unknown: unknown is not a no.${load === undefined ? "" : ` The server is busy: ${load}.`}`,
      fix: "Probe it again when it is less busy, or allow more time (timeoutMs of discoverServer).",
    },
  ];
};
