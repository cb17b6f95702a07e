import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

/** The command on a machine where no Python is to be found and nothing is installed. */
function lab(...words: string[]) {
  const env = { PATH: "/nowhere", HOME: "/nowhere", XDG_CACHE_HOME: "/nowhere", LOCALAPPDATA: "/nowhere" };
  return spawnSync(process.execPath, [MAIN, ...words], { encoding: "utf8", env });
}

it("--help: on standard output, exit code 0", () => {
  expect(lab("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("Usage: lab"), stderr: "" });
});

it("bad usage: on standard error, exit code 2", () => {
  expect(lab("--port", "x")).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("A port is") });
});

it("a machine that lacks something: one line of what, one of what to do, exit code 1, no trace", () => {
  const { status, stdout, stderr } = lab();
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr.trimEnd().split("\n")).toEqual([expect.stringMatching(/^The lab needs /), expect.any(String)]);
});

it("the same with --json: one object", () => {
  const { status, stdout, stderr } = lab("--setup-only", "--json");
  expect(status).toBe(1);
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({ type: "failed", message: expect.stringMatching(/^The lab needs /) });
});
