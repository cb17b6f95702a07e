import { describe, expect, it } from "vitest";

import { LabError } from "./lab-error.ts";
import { runCommand } from "./run-command.ts";

const node = (code: string, options: Partial<Parameters<typeof runCommand>[2]> = {}) =>
  runCommand(process.execPath, ["-e", code], { purpose: "do it", ...options });

describe("runCommand", () => {
  it("ends quietly when the command does", async () => {
    await expect(node("")).resolves.toBeUndefined();
  });

  it("hands on the lines of both streams", async () => {
    const lines: string[] = [];
    await node("console.log('out'); console.error('err')", { onLine: (line) => lines.push(line) });
    expect(lines.toSorted()).toEqual(["err", "out"]);
  });

  it("says what failed, how, and the last lines", async () => {
    const failing = node(
      "for (let i = 0; i < 40; i++) console.log('line ' + i); console.error('disk full'); process.exitCode = 3",
    );
    const error = await failing.catch((error: unknown) => error);
    expect(error).toBeInstanceOf(LabError);
    expect(String(error)).toMatch(/Could not do it \(exit code 3\)\. The last lines:\n/);
    expect(String(error)).toContain("disk full");
    expect(String(error)).not.toContain("line 20\n");
  });

  it("says what killed it", async () => {
    await expect(node("process.kill(process.pid, 'SIGKILL')")).rejects.toThrow("Could not do it (SIGKILL)");
  });

  it("says when there is no such command", async () => {
    await expect(runCommand("/nowhere/python", [], { purpose: "do it" })).rejects.toThrow(/do it .*ENOENT/);
  });

  it("stops the command when told to, and throws the reason", async () => {
    const interrupt = new AbortController();
    const running = node("setInterval(() => {}, 1000); console.log('up')", {
      signal: interrupt.signal,
      onLine: () => interrupt.abort(new Error("enough")),
    });
    await expect(running).rejects.toThrow("enough");
  });

  it("does not start when it was told so before", async () => {
    await expect(node("", { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
  });
});
