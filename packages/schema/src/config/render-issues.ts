import type { ConfigIssue } from "../errors/vllm-error.ts";

/** All problems of a config as text, one a line: place, path, `received | accepted | what to change`. */
export function renderIssues(issues: readonly ConfigIssue[], file: string | undefined): string {
  const count = issues.length === 1 ? "1 problem" : `${issues.length} problems`;
  const lines = issues.map((issue) => {
    const place = issue.line === undefined ? "" : `${issue.line}:${issue.column ?? 1}  `;
    const path = issue.path === "" ? "" : `${issue.path}: `;
    return `  ${place}${path}${issue.received} | ${issue.accepted} | ${issue.fix}`;
  });
  return [`${file ?? "The config"} has ${count} (received | accepted | what to change):`, ...lines].join("\n");
}
