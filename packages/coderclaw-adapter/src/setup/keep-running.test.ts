import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toKeepRunning } from "./keep-running.ts";

const SERVICE = {
  agent: "openclaw",
  providerId: "vllm",
  upstream: "http://gpu1:8000/v1",
  port: 8010,
  program: ["/usr/bin/node", '/opt/it\'s 100% "mine" $HOME/main.js'],
  homeDirectory: "/home/me",
  platform: "linux",
} as const;

test("a systemd user unit: nothing in it is taken for a variable, a specifier or a quote", () => {
  const { name, unit, start } = toKeepRunning(SERVICE);
  expect([name, unit?.path]).toEqual(["vllm-bridge", "/home/me/.config/systemd/user/vllm-bridge.service"]);
  expect(unit?.text).toContain(
    String.raw`ExecStart=/usr/bin/node "/opt/it's 100%% \"mine\" $$HOME/main.js" bridge --upstream http://gpu1:8000/v1 --port 8010`,
  );
  expect(start).toBe("npx @vllm/connect bridge --upstream http://gpu1:8000/v1 --port 8010");
});

test("CoderClaw, whose engine counts reasoning tokens twice, gets a usage without them", () => {
  const { start, unit } = toKeepRunning({ ...SERVICE, agent: "coderclaw" });
  const words = "bridge --upstream http://gpu1:8000/v1 --port 8010 --drop-reasoning-tokens";
  expect(start).toBe(`npx @vllm/connect ${words}`);
  expect(unit?.text).toContain(words);
});

test("certificates that the upstream needs are named by their file", () => {
  const { start, unit } = toKeepRunning({ ...SERVICE, caFile: "/etc/our ca.pem" });
  expect(start).toBe("npx @vllm/connect bridge --upstream http://gpu1:8000/v1 --port 8010 --ca-file '/etc/our ca.pem'");
  expect(unit?.text).toContain(`--port 8010 --ca-file "/etc/our ca.pem"`);
});

test("the one command writes exactly this unit and starts it", () => {
  const homeDirectory = mkdtempSync(join(tmpdir(), "keep running-"));
  const { install, unit } = toKeepRunning({ ...SERVICE, homeDirectory });
  const said = execFileSync("sh", ["-c", `systemctl() { echo "systemctl $*"; }\n${install}`], { encoding: "utf8" });
  expect(readFileSync(unit?.path ?? "", "utf8")).toBe(unit?.text);
  expect(said).toBe("systemctl --user daemon-reload\nsystemctl --user enable --now vllm-bridge\n");
  rmSync(homeDirectory, { recursive: true });
});

test("each provider has a service of its own", () => {
  expect(toKeepRunning({ ...SERVICE, providerId: "vllm-gpu1" }).name).toBe("vllm-bridge-gpu1");
});

test("macOS: one line for launchd; elsewhere only the command itself", () => {
  const { install, unit } = toKeepRunning({ ...SERVICE, platform: "darwin" });
  expect(unit).toBeUndefined();
  expect(install).toBe(
    String.raw`launchctl submit -l vllm-bridge -- /usr/bin/node '/opt/it'\''s 100% "mine" $HOME/main.js' bridge --upstream http://gpu1:8000/v1 --port 8010`,
  );
  expect(toKeepRunning({ ...SERVICE, platform: "win32" })).toMatchObject({ install: undefined, unit: undefined });
});
