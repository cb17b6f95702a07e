import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import { expect, test } from "vitest";
import { runExample } from "./support/examples.ts";

const support = await isLabSupported();

test.runIf(support.supported)("picture, on a model that sees", async () => {
  await using lab = await startLab({ model: "tiny-v" });
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  writeFileSync(join(folder, "square.png"), Buffer.from(pixel, "base64"));
  const { stdout, stderr } = await runExample("picture", lab.baseUrl, { pictureFolder: folder });
  rmSync(folder, { recursive: true });
  expect(stdout, stderr).toBe("A small red square.\n");
});

test.runIf(support.supported)("search, on a model that embeds", async () => {
  // With 16 bits vLLM's pooling ends by an illegal instruction on CPUs with AMX that a container may not use.
  const flags = ["--runner", "pooling", "--convert", "embed", "--dtype", "float32"];
  await using lab = await startLab({ model: "tiny", withoutParsers: true, flags });
  const { stdout, stderr } = await runExample("search", lab.baseUrl);
  expect(stdout, stderr).toBe("[ '0.33', '1.00', '-0.00' ]\n[ 'hello 1.00', 'world 0.33' ]\n");
});
