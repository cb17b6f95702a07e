import type { AskedQuestion } from "../report/server-report.ts";
import type { ProbeHttp } from "./create-probe-http.ts";
import type { ProbeOutcome } from "./probe-outcome.ts";

/** Keeps a line about every question, without credentials and bodies. */
export function recordQuestions(http: ProbeHttp, asked: AskedQuestion[]): ProbeHttp {
  return {
    async ask(url, question = {}) {
      const outcome = await http.ask(url, question);
      if (outcome.kind !== "not-asked") {
        asked.push({
          method: question.method ?? "GET",
          path: new URL(url).pathname,
          result: toResult(outcome),
          ms: outcome.ms,
        });
      }
      return outcome;
    },
  };
}

function toResult(outcome: Exclude<ProbeOutcome, { kind: "not-asked" }>): AskedQuestion["result"] {
  if (outcome.kind === "answer") return outcome.status;
  if (outcome.kind === "network") return outcome.error.reason === "refused" ? "refused" : "failed";
  return outcome.kind;
}
