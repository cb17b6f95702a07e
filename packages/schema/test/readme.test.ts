import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as core from "../src/core.ts";
import * as everything from "../src/index.ts";
import { safeParseHostConfig } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const rows = [...readme.matchAll(/^\| (`.*`) +\| *(✓?) *\|/gm)].map(([, names = "", inCore]) => ({
  names: [...names.matchAll(/`(\w+)/g)].map(([, name]) => name ?? ""),
  inCore: inCore === "✓",
}));

test("the table has every export, and says rightly which are in core", () => {
  expect(rows.flatMap(({ names }) => names).toSorted()).toEqual(Object.keys(everything).toSorted());
  expect(
    rows
      .filter(({ inCore }) => inCore)
      .flatMap(({ names }) => names)
      .toSorted(),
  ).toEqual(Object.keys(core).toSorted());
});

test("the shown message is the one that is written", () => {
  const text = `{
  models: { providers: {
      vllm: { baseUrl: "http://127.0.0.1:8000/v1",
        apiKey: "\${VLLM_API_KEY}",
        models: [],
        modles: [],
  } } } }`;
  expect(readme).toContain(
    `\`\`\`text\n${safeParseHostConfig(text, { env: {}, path: "coderclaw.json" }).error?.message}\n\`\`\``,
  );
});
