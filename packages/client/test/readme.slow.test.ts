import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { VLLM_ERROR_CODES } from "@vllm/client";
import { expect, test } from "vitest";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const [first = ""] = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");

/** Runs a program as somebody would who pasted it into a file. */
function run(program: string, environment: Record<string, string>): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--conditions=@vllm/source", "--input-type=module-typescript", "--eval", program],
      { cwd: import.meta.dirname, env: { ...process.env, ...environment } },
      (_, stdout, stderr) => resolve({ stdout, stderr }),
    );
  });
}

test("the first program works as it stands", async () => {
  const server = await startFakeVllm({ scenario: "hello", apiKey: "sk-1" });
  const { stdout, stderr } = await run(first, { VLLM_BASE_URL: server.baseUrl, VLLM_API_KEY: "sk-1" });
  await server.close();
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^\n\nHello there! How can I help you today\?/);
  expect(stdout).toMatch(/reasoning: '\\nThe user greets me/);
  expect(stdout).toContain("prompt_tokens: 16");
});

test("and tells what to do when no server is there", async () => {
  const { stderr } = await run(first, { VLLM_BASE_URL: "http://127.0.0.1:1", VLLM_API_KEY: "" });
  expect(stderr).toMatch(/^SERVER_UNREACHABLE: Nothing listens at 127\.0\.0\.1:1.*\n.*vllm serve/);
});

test("every error code that a reply can end with is explained", () => {
  const missing = VLLM_ERROR_CODES.filter((code) => !readme.includes(`\`${code}\``));
  expect(missing).toEqual(["SERVER_STARTING"]);
});
