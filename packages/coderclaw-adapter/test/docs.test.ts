import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ADAPTER_FINDING_CODES } from "../src/findings/adapter-finding.ts";
import * as everything from "../src/index.ts";
import { openClawManifest } from "../src/plugin/manifests.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");

describe("the README", () => {
  test("names functions that there are", () => {
    const imported = [...readme.matchAll(/import \{ ([^}]+) \} from "@vllm\/coderclaw-adapter"/g)].flatMap(
      ([, names = ""]) => names.split(", "),
    );
    const mentioned = [
      ...readme.matchAll(
        /`((?:discover|build|resolve|prompt|apply|detect|read|to|plan|edit|write|undo|diagnose)[A-Z]\w+)`/g,
      ),
    ].map(([, name = ""]) => name);
    expect(imported.length + mentioned.length).toBeGreaterThan(15);
    expect([...imported, ...mentioned].filter((name) => !(name in everything))).toEqual([]);
  });

  test("an example shows what it prints", async () => {
    const { planConfigEdit, writeConfigChange } = everything;
    const folder = mkdtempSync(join(tmpdir(), "readme-"));
    const path = join(folder, "app.json5");
    writeFileSync(path, "{ port: 1, // mine\n  name: 'a' }");
    const change = await planConfigEdit(path, [{ path: ["port"], value: 2 }], () => {});
    await writeConfigChange(change);
    expect([change.text, readFileSync(path, "utf8")]).toEqual(Array(2).fill("{ port: 2, // mine\n  name: 'a' }"));
    rmSync(folder, { recursive: true });
    expect(readme).toContain("{ port: 2, // mine");
  });
});

test("docs/agent-findings.md explains every code, and no other", () => {
  const headings = [...read("../../../docs/agent-findings.md").matchAll(/^### ([A-Z_0-9]+)$/gm)].map(
    ([, code]) => code,
  );
  expect(headings.toSorted()).toEqual([...ADAPTER_FINDING_CODES].toSorted());
});

test("the guides name settings that the plugin has", () => {
  const properties = (openClawManifest()["configSchema"] as { properties: object }).properties;
  const guide = read("../../../docs/openclaw.md");
  for (const name of Object.keys(properties)) expect(guide).toContain(`\`${name}\``);
  expect(read("../../../docs/coderclaw.md")).toContain("refreshModels");
});
