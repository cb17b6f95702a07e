import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLabSupported, startLab } from "@vllm-tooling/vllm-lab";
import { expect, test } from "vitest";
import { askAsUseChat, runExample } from "./support/examples.ts";

const HELLO = "Hello there! How can I help you today?";
const baseUrl = process.env["VLLM_LIVE_BASE_URL"] ?? "";
/** For models that need a server of their own. */
const isWanted = baseUrl !== "" && (await isLabSupported()).supported;

test("stream", async () => {
  const { stdout, stderr } = await runExample("stream", baseUrl);
  expect(stdout.trim()).toBe(HELLO);
  expect(stderr).toContain("The user greets me");
});

test("agent", async () => {
  const { stdout, stderr } = await runExample("agent", baseUrl);
  expect(stdout, stderr).toMatch(/It is .*12:30.*17 \* 23 = .*391.* 2 /s);
});

test("options: thinking is off, by what discovery has found", async () => {
  const { stdout, stderr } = await runExample("options", baseUrl);
  expect(stdout.trim(), stderr).toBe(HELLO);
});

test("conversation", async () => {
  const { stdout, stderr } = await runExample("conversation", baseUrl);
  expect(stdout, stderr).toMatch(/Hello there![\s\S]*a small robot/);
});

test("route", async () => {
  const { stdout, stderr } = await runExample("route", baseUrl, { more: askAsUseChat("Hello") });
  expect(JSON.parse(stdout), stderr).toMatchObject([
    { type: "step-start" },
    { type: "reasoning", text: expect.stringContaining("The user greets me") },
    { type: "text", text: expect.stringContaining(HELLO) },
  ]);
});

test("errors", async () => {
  const { stdout } = await runExample("errors", baseUrl);
  expect(stdout).toMatch(/lab\/tinny.*lab\/tiny/);
  expect(stdout).toMatch(/404 false/);
});

test.runIf(isWanted)("picture, on a model that sees", async () => {
  await using lab = await startLab({ model: "tiny-v" });
  const folder = mkdtempSync(join(tmpdir(), "picture-"));
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  writeFileSync(join(folder, "square.png"), Buffer.from(pixel, "base64"));
  const { stdout, stderr } = await runExample("picture", lab.baseUrl, { pictureFolder: folder });
  rmSync(folder, { recursive: true });
  expect(stdout, stderr).toBe("A small red square.\n");
});

test.runIf(isWanted)("search, on a model that embeds", async () => {
  const flags = ["--runner", "pooling", "--convert", "embed"];
  await using lab = await startLab({ model: "tiny", withoutParsers: true, flags });
  const { stdout, stderr } = await runExample("search", lab.baseUrl);
  expect(stdout, stderr).toBe("[ '0.34', '1.00', '-0.02' ]\n[ 'hello 1.00', 'world 0.34' ]\n");
});
