import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { build } from "tsup";
import { expect, test } from "vitest";

const packageFolder = path.resolve(import.meta.dirname, "..");

test("@vllm/schema/core, built, loads in less than 15 ms", async () => {
  const outDir = await mkdtemp(path.join(tmpdir(), "vllm-schema-"));
  try {
    await build({
      config: false,
      silent: true,
      entry: { core: path.join(packageFolder, "src/core.ts") },
      format: "esm",
      platform: "neutral",
      noExternal: [/./],
      outDir,
    });
    // Processor time, not the clock: the machine may be busy with other work.
    const program = `
      const before = process.cpuUsage();
      await import(${JSON.stringify(pathToFileURL(path.join(outDir, "core.js")).href)});
      console.log(process.cpuUsage(before).user / 1000);
    `;
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
      times.push(Number(stdout));
    }
    expect(Math.min(...times)).toBeLessThan(15);
  } finally {
    await rm(outDir, { recursive: true });
  }
});
