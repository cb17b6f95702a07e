import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";

import { findGroupMembers, parseStat, trySignal, yieldToOtherSessions } from "./process-group.ts";

describe("parseStat", () => {
  it.each([
    ["plain", "123 (node) S 45 67 123 0", { state: "S", groupId: 67 }],
    ["a name with a blank", "123 (tmux: server) R 45 67", { state: "R", groupId: 67 }],
    ["a name with brackets", "123 (a) b) (c) Z 45 67", { state: "Z", groupId: 67 }],
  ])("%s", (_, stat, expected) => {
    expect(parseStat(stat)).toEqual(expected);
  });
});

describe.skipIf(process.platform !== "linux")("findGroupMembers", () => {
  it("finds a process and its children, also without it", async () => {
    const parent = spawn("sh", ["-c", "sleep 31 & sleep 32 & echo up; wait"], {
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const groupId = parent.pid ?? 0;
    const titles = async () =>
      (await findGroupMembers(groupId)).map(({ title }) => title.split(" ", 2).join(" ")).toSorted();
    await once(parent.stdout, "data");
    // A child that has not begun its program yet still has its parent's title.
    await expect.poll(titles).toEqual(["sh -c", "sleep 31", "sleep 32"]);

    trySignal(groupId, "SIGKILL");
    await once(parent, "exit");
    expect(await titles()).toEqual(["sleep 31", "sleep 32"]);

    trySignal(-groupId, "SIGKILL");
    await expect.poll(titles).toEqual([]);
  });
});

describe.skipIf(!existsSync("/proc/self/autogroup"))("yieldToOtherSessions", () => {
  it("lets every other session go before a process's own", async () => {
    const readOwn = (): Promise<string> => readFile("/proc/self/autogroup", "utf8"); // empty outside of any session, as in CI
    const before = await readOwn();
    const child = spawn("sleep", ["47"], { detached: true, stdio: "ignore" });
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    // Without CAP_SYS_ADMIN a session's weight may be changed once in 100 ms on the whole machine, and other tests start servers too.
    await expect
      .poll(async () => {
        yieldToOtherSessions(pid);
        return readFile(`/proc/${pid}/autogroup`, "utf8");
      })
      .toContain("nice 10");
    expect(await readOwn()).toBe(before);
    child.kill("SIGKILL");
  });
});

describe("trySignal", () => {
  it("says whether anyone was there", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    expect(trySignal(pid, "SIGCONT")).toBe(true);
    expect(trySignal(pid, "SIGKILL")).toBe(true);
    await once(child, "exit");
    expect(trySignal(pid, "SIGKILL")).toBe(false);
  });
});
