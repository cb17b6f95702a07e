/**
 * `pnpm peers-table`: both providers in every scenario on a real vLLM 0.32.0; writes the table of the README. Needs `--expose-gc` for the row in
 * which a result is dropped.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { startLab } from "@vllm-tooling/vllm-lab";
import { messageOf, PEERS, type Peer } from "./ask.ts";
import { ROWS_OF_OTHERS, type Both, type RowOfBoth } from "./rows-of-others.ts";
import { rowsOfParsers } from "./rows-of-parsers.ts";
import { wrong, type Verdict } from "./row.ts";

if (process.argv.includes("--help")) {
  process.stdout.write(
    "pnpm peers-table\n\nStarts real vLLM servers one after the other, and writes the table of the README.\n",
  );
  process.exit(0);
}
/** What a user reads. */
const SAID = /“.*”/;

globalThis.AI_SDK_LOG_WARNINGS = false;
const readme = new URL("../../README.md", import.meta.url);
const rows: RowOfBoth[] = [];

{
  await using lab = await startLab({ flags: ["--max-model-len", "8192", "--enable-prompt-tokens-details"] });
  for (const [id, scenario, look] of rowsOfParsers) {
    const verdicts: Partial<Both> = {};
    for (const peer of PEERS) verdicts[peer] = await safely(() => look(peer, lab));
    add([id, scenario, verdicts as Both]);
  }
}
write();
for (const measure of ROWS_OF_OTHERS) {
  try {
    for (const row of await measure()) add(row);
    write();
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
  }
}

/** All that is known by now: a server that does not start must not cost what was measured. */
function write(): void {
  const sorted = rows.toSorted(([one], [other]) => one.localeCompare(other, "en", { numeric: true }));
  const count = (peer: Peer) => sorted.filter(([, , verdicts]) => verdicts[peer].mark === "✓").length;
  const about = `Real vLLM 0.32.0 (CPU, a tiny model that says scripted texts; hermes and qwen3 parsers), Node ${process.versions.node}, \`ai\` ${versionOf("ai")}, \`@ai-sdk/openai-compatible\` ${versionOf("@ai-sdk/openai-compatible")}, ${new Date().toISOString().slice(0, 10)}.`;
  const marks = `Each provider is made as its own documentation shows. ✓ right (${count("vllm")} and ${count("openai-compatible")} of ${sorted.length}), ✗ wrong or missing, ~ half. \`pnpm peers-table\` measures it again.`;
  const table = [
    about,
    marks,
    "",
    "| # | scenario | ours | `@ai-sdk/openai-compatible` |",
    "| --- | --- | --- | --- |",
    ...sorted.map(
      ([id, scenario, verdicts]) =>
        `| ${id} | ${scenario} | ${cell(verdicts.vllm)} | ${cell(verdicts["openai-compatible"])} |`,
    ),
    "",
    "What a user reads, by the number of the row:",
    "",
    ...sorted.flatMap(([id, , verdicts]) => [
      ...toQuotation(`${id}, ours`, verdicts.vllm),
      ...toQuotation(`${id}, theirs`, verdicts["openai-compatible"]),
    ]),
  ].join("\n");
  const page = readFileSync(readme, "utf8");
  const [before, rest] = page.split("<!-- peers -->\n");
  const [, after] = rest?.split("<!-- /peers -->") ?? [];
  if (before === undefined || after === undefined) throw new Error("README.md has no <!-- peers --> … <!-- /peers -->");
  writeFileSync(readme, `${before}<!-- peers -->\n\n${table}\n\n<!-- /peers -->${after}`);
}

function add(row: RowOfBoth): void {
  rows.push(row);
  const [id, scenario, verdicts] = row;
  const [ours, theirs] = [verdicts.vllm, verdicts["openai-compatible"]].map(({ mark, words }) => `${mark} ${words}`);
  console.log(`${id} ${scenario}\n   ours: ${ours}\n   theirs: ${theirs}`);
}

/** Without what was said, for which a table is too narrow. */
function cell({ mark, words }: Verdict): string {
  return `${mark} ${words.replace(SAID, "").replace(/, $/, "")}`.trim();
}

function toQuotation(of: string, { words }: Verdict): string[] {
  const said = SAID.exec(words)?.[0];
  return said === undefined ? [] : [`- ${of}: ${said}`];
}

async function safely(look: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await look();
  } catch (error) {
    return wrong(messageOf(error).slice(0, 200));
  }
}

function versionOf(name: string): string {
  const manifest = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
