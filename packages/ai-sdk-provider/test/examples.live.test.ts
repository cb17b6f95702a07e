import { expect, test } from "vitest";
import { askAsUseChat, runExample } from "./support/examples.ts";

const HELLO = "Hello there! How can I help you today?";
const baseUrl = process.env["VLLM_LIVE_BASE_URL"] ?? "";

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
