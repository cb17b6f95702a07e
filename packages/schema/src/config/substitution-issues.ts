import { formatConfigPath, valueAt } from "./config-path.ts";
import type { SubstitutionProblem } from "./substitute-env.ts";
import type { LocatedIssue } from "./zod-issues.ts";

/** What could not be put in or followed, as a problem of the config. `written` is the value before `${VAR}` was replaced. */
export function toSubstitutionIssue(problem: SubstitutionProblem, written: unknown): LocatedIssue {
  const path = formatConfigPath(problem.path);
  switch (problem.kind) {
    case "missing-variable": {
      const reference = `\${${problem.variable}}`;
      return {
        at: problem.path,
        place: "value",
        issue: {
          path,
          received: `"${reference}", and ${problem.variable} is ${problem.isEmpty ? "empty" : "not set"}`,
          accepted: "a variable that is set and not empty",
          fix: `Set the environment variable ${problem.variable}, or write "$${reference}" if the text is meant as it is.`,
        },
      };
    }
    case "include": {
      const file = valueAt(written, [...problem.path, "$include"]);
      return {
        at: [...problem.path, "$include"],
        place: "key",
        issue: {
          path: path === "" ? "$include" : `${path}.$include`,
          received: `an include${typeof file === "string" ? ` of ${JSON.stringify(file)}` : ""}, which is not resolved here`,
          accepted: "the values themselves",
          fix: `Move what ${path === "" ? "the document" : path} includes into this file; until then nothing below it is read.`,
        },
      };
    }
    case "too-deep":
      return {
        at: problem.path,
        place: "value",
        issue: {
          path: `${path.slice(0, 60)}...`,
          received: "a value more than 100 levels deep",
          accepted: "at most 100 levels",
          fix: "Remove the nesting; no setting of the agent is that deep.",
        },
      };
  }
}
