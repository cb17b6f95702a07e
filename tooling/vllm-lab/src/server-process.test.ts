import { describe, expect, it, vi } from "vitest";

import { findGroupMembers, trySignal } from "./process-group.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";

const sh = (script: string, onLog?: (text: string) => void): ServerProcess =>
  startServerProcess("sh", ["-c", script], { folder: "/", environment: process.env, onLog });

// A process starts late on a busy machine.
const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 60_000 });
const isUp = (server: ServerProcess) => until(() => server.tail.lines().includes("up"));

describe.skipIf(process.platform !== "linux")("startServerProcess", () => {
  it("stops the process and all of its children", async () => {
    const server = sh("sleep 41 & sleep 42 & echo up; wait");
    await isUp(server);
    expect(await findGroupMembers(server.pid ?? 0)).toHaveLength(3);
    await server.stop();
    expect(await findGroupMembers(server.pid ?? 0)).toEqual([]);
    expect(server.hasEnded()).toBe(true);
  });

  it("stops one that is paused", async () => {
    const server = sh("echo up; sleep 43");
    await isUp(server);
    trySignal(server.pid ?? 0, "SIGSTOP");
    await server.stop();
    expect(await findGroupMembers(server.pid ?? 0)).toEqual([]);
  });

  it("stops what is left when the process itself was killed", async () => {
    const server = sh("sleep 44 & echo up; wait");
    await isUp(server);
    trySignal(server.pid ?? 0, "SIGKILL");
    expect(await server.ended).toBe("signal SIGKILL");
    expect(await findGroupMembers(server.pid ?? 0)).toHaveLength(1);
    await server.stop();
    expect(await findGroupMembers(server.pid ?? 0)).toEqual([]);
  });

  it("may be stopped twice", async () => {
    const server = sh("sleep 45");
    await Promise.all([server.stop(), server.stop()]);
    await server.stop();
    expect(server.hasEnded()).toBe(true);
  });

  it("says how it ended by itself, and its last words on both streams", async () => {
    const log: string[] = [];
    const server = sh("echo one; echo two >&2; exit 7", (text) => log.push(text));
    expect(await server.ended).toBe("exit code 7");
    await until(() => server.tail.lines().length === 2);
    expect(server.tail.lines().toSorted()).toEqual(["one", "two"]);
    expect(log.join("")).toContain("one");
  });

  it("says when the command does not exist", async () => {
    const server = startServerProcess("/nowhere/python", [], { folder: "/", environment: {} });
    expect(await server.ended).toContain("ENOENT");
    await server.stop();
  });

  it("is deaf to a Ctrl-C in the terminal: it has a process group of its own", async () => {
    const server = sh("ps -o pgid= -p $$; sleep 46");
    await until(() => server.tail.lines().length > 0);
    expect(Number(server.tail.lines()[0])).toBe(server.pid);
    await server.stop();
  });
});
