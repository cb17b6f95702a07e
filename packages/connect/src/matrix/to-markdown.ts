import type { Matrix } from "./run-matrix.ts";

/** The matrix as a file to attach to an issue: the table, then every question with its whole answer. Holds no key. */
export function toMarkdown(matrices: readonly Matrix[]): string {
  return `${matrices.map(renderMatrix).join("\n\n")}\n`;
}

function renderMatrix({ model, server, version, rows }: Matrix): string {
  const table = rows.map((row) => `| ${row.name} | ${row.outcome} | ${escapeCell(row.evidence)} |`);
  const details = rows.map(
    ({ name, request, response }) =>
      `### ${name}\n\nRequest:\n\n${fence(JSON.stringify(request, null, 2), "json")}\n\nAnswer:\n\n${fence(response, "text")}`,
  );
  return [
    `## ${model} on vLLM ${version ?? "(version unknown)"}`,
    `Server: ${server}`,
    ["| what | outcome | seen |", "| --- | --- | --- |", ...table].join("\n"),
    ...details,
  ].join("\n\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** A fence that no line of the text can close. */
function fence(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const marks = "`".repeat(longest + 1);
  return `${marks}${language}\n${text}\n${marks}`;
}
