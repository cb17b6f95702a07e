import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBridgeSettings } from "../src/cli/bridge-settings.ts";
import { EXIT } from "../src/cli/exit-codes.ts";
import { ADAPTER_FINDING_CODES } from "../src/findings/adapter-finding.ts";
import * as everything from "../src/index.ts";
import { openClawManifest } from "../src/plugin/manifests.ts";
import { createCliHome } from "./cli-harness.ts";

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

  test("lists the commands that there are", async () => {
    const cli = await createCliHome();
    const { stdout } = await cli.run(["--help"]);
    await cli.remove();
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+) \[/gm)]
      .map(([, name]) => name)
      .filter((name) => name !== "help");
    const listed = [...readme.matchAll(/^\| `([a-z-]+)(?: \[id\])?` +\|/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(commands.toSorted());
  });

  test("has the exit codes", () => {
    for (const code of Object.values(EXIT)) expect(readme).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
  });

  test("an example shows what it prints", () => {
    const { editDocument } = everything;
    expect(editDocument("{ port: 1, // mine\n  name: 'a' }", [{ path: ["port"], value: 2 }])).toBe(
      "{ port: 2, // mine\n  name: 'a' }",
    );
    expect(readme).toContain("{ port: 2, // mine");
  });
});

test("docs/host-findings.md explains every code, and no other", () => {
  const headings = [...read("../../../docs/host-findings.md").matchAll(/^### ([A-Z_0-9]+)$/gm)].map(([, code]) => code);
  expect(headings.toSorted()).toEqual([...ADAPTER_FINDING_CODES].toSorted());
});

test("docs/bridge.md shows settings that the bridge takes", async () => {
  const [, block = ""] = /```json5\n(.*?)```/s.exec(read("../../../docs/bridge.md")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "bridge-settings-"));
  try {
    writeFileSync(join(folder, "bridge.json5"), block);
    expect(await readBridgeSettings(join(folder, "bridge.json5"))).toMatchObject({ maxConcurrent: 256 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the guides name settings that the plugin has", () => {
  const properties = (openClawManifest()["configSchema"] as { properties: object }).properties;
  const guide = read("../../../docs/openclaw.md");
  for (const name of Object.keys(properties)) expect(guide).toContain(`\`${name}\``);
  expect(read("../../../docs/coderclaw.md")).toContain("refreshModels");
});
