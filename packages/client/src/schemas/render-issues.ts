import type { SchemaIssue } from "./standard-schema.ts";

/** `items[2].price: Expected number`, one a line. Holds no value of the answer beyond what the schema's own words hold. */
export function renderIssues(issues: readonly SchemaIssue[]): string {
  return issues.map((issue) => `- ${renderPath(issue.path)}${issue.message}`).join("\n");
}

function renderPath(path: SchemaIssue["path"]): string {
  const text = (path ?? []).reduce<string>((before, part) => {
    const key = typeof part === "object" ? part.key : part;
    if (typeof key === "number") return `${before}[${key}]`;
    return before === "" ? String(key) : `${before}.${String(key)}`;
  }, "");
  return text === "" ? "" : `${text}: `;
}
