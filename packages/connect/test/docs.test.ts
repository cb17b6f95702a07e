import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBridgeSettings } from "../src/cli/bridge/bridge-settings.ts";
import { EXIT } from "../src/cli/terminal/exit-codes.ts";
import { AGENTS } from "../src/agents/agents.ts";
import { readResults, renderDocs, toOwnPrompt } from "./agents/write-docs.ts";
import { createCliHome } from "./cli-harness.ts";

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const readme = read("../README.md");

describe("the README", () => {
  test("lists the commands that there are", async () => {
    const cli = await createCliHome();
    const { stdout } = await cli.run(["--help"]);
    await cli.remove();
    const [list = ""] = stdout.split("Examples:");
    const commands = [...list.matchAll(/^ {2}([a-z-]+) /gm)].map(([, name]) => name);
    const listed = [...readme.matchAll(/^\| `([a-z-]+)(?: [[<][a-z]+[\]>])?` +\|/gm)].map(([, name]) => name);
    expect(listed.toSorted()).toEqual(commands.toSorted());
  });

  test("has the exit codes", () => {
    for (const code of Object.values(EXIT)) expect(readme).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
  });
});

test("docs/bridge.md shows settings that the bridge takes", async () => {
  const blocks = [...read("../../../docs/bridge.md").matchAll(/```json5\n(.*?)```/gs)].map(([, block = ""]) => block);
  const folder = mkdtempSync(join(tmpdir(), "bridge-settings-"));
  const path = join(folder, "bridge.json5");
  const env = { TEAM_A_KEY: "a", TEAM_A_SALT: "salt-a", NIGHTLY_KEY: "n", NIGHTLY_SALT: "salt-n" };
  try {
    const settings = [];
    for (const block of blocks) {
      writeFileSync(path, block);
      settings.push(await readBridgeSettings(path, env));
    }
    const [keys, all] = settings;
    expect(keys?.keys).toEqual([
      { key: "a", cacheSalt: "salt-a", priority: 0 },
      { key: "n", cacheSalt: "salt-n", priority: 10 },
    ]);
    expect(all).toMatchObject({ maxConcurrent: 256 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

describe("docs/agents.md", () => {
  test("is what the runs showed, all of it right", async () => {
    const results = await readResults();
    expect(read("../../../docs/agents.md")).toBe(renderDocs(results));
    expect(results.flatMap(({ cases }) => Object.values(cases)).filter(({ isRight }) => !isRight)).toEqual([]);
  });

  test("the agents' files have the sizes that were measured", async () => {
    for (const result of await readResults()) {
      expect(AGENTS.find(({ id }) => id === result.id)?.ownPrompt).toEqual(toOwnPrompt(result));
    }
  });
});
