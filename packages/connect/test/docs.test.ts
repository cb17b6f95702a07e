import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBridgeSettings } from "../src/cli/bridge/bridge-settings.ts";
import { EXIT } from "../src/cli/terminal/exit-codes.ts";
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
  const [, block = ""] = /```json5\n(.*?)```/s.exec(read("../../../docs/bridge.md")) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "bridge-settings-"));
  try {
    writeFileSync(join(folder, "bridge.json5"), block);
    expect(await readBridgeSettings(join(folder, "bridge.json5"))).toMatchObject({ maxConcurrent: 256 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
