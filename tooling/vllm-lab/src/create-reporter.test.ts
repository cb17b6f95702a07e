import { describe, expect, it } from "vitest";

import { createReporter } from "./create-reporter.ts";
import { LabError } from "./lab-error.ts";
import type { Reply } from "./script/reply.ts";

const LAB = { baseUrl: "http://127.0.0.1:8000/v1", pid: 1, enginePid: 2, command: "vllm serve lab/tiny-r" };
const REPLIES: Reply[] = [
  { ask: "Hello", about: "a greeting", user: "", say: [""] },
  { about: "a later turn", user: "", say: [""] },
];

function create({ json = false, isTTY = false } = {}) {
  const texts = { out: "", status: "" };
  let time = 0;
  const output = (name: "out" | "status") => ({
    isTTY,
    columns: 40,
    write: (text: string) => (texts[name] += text),
  });
  const reporter = createReporter({ json, out: output("out"), status: output("status"), now: () => (time += 1500) });
  return { reporter, texts };
}

describe("for people", () => {
  it("writes each step once, with the time", () => {
    const { reporter, texts } = create();
    reporter.progress({ step: "install torch" });
    reporter.progress({ step: "install torch", detail: "Downloading" });
    reporter.progress({ step: "start vLLM" });
    expect(texts).toEqual({ out: "", status: "   2 s  install torch\n   3 s  start vLLM\n" });
  });

  it("shows pip's last line on a terminal, in one line, and clears it", () => {
    const { reporter, texts } = create({ isTTY: true });
    reporter.progress({ step: "install torch" });
    reporter.progress({ step: "install torch", detail: `Downloading ${"x".repeat(100)}` });
    reporter.progress({ step: "start vLLM" });
    const shown = texts.status.split("\r\u001B[K");
    expect(shown.some((line) => line.includes("Downloading xxx") && !line.includes("\n"))).toBe(true);
    expect(texts.status.endsWith("start vLLM\n")).toBe(true);
  });

  it("puts the base URL alone on standard output", () => {
    const { reporter, texts } = create();
    reporter.ready(LAB, REPLIES);
    expect(texts.out).toBe("http://127.0.0.1:8000/v1\n");
    expect(texts.status).toContain("Hello  a greeting");
    expect(texts.status).not.toContain("a later turn");
    expect(texts.status).toContain("vllm serve lab/tiny-r");
  });

  it("says what failed and what to do, without a stack", () => {
    const { reporter, texts } = create();
    reporter.failed(new LabError("Port 8000 is in use.", "Choose another with --port."));
    expect(texts).toEqual({ out: "", status: "Port 8000 is in use.\nChoose another with --port.\n" });
  });

  it("shows the stack of what nobody expected", () => {
    const { reporter, texts } = create();
    reporter.failed(new TypeError("x is not a function"));
    expect(texts.status).toMatch(/TypeError: x is not a function\n +at /);
  });

  it("shows the last lines of a server that ended by itself", () => {
    const { reporter, texts } = create();
    reporter.ended("signal SIGKILL", ["one", "two"]);
    expect(texts.status).toBe("vLLM has ended by itself (signal SIGKILL). Its last lines:\n  one\n  two\n");
  });
});

describe("with --json", () => {
  it("writes one object a line, nothing else", () => {
    const { reporter, texts } = create({ json: true });
    reporter.progress({ step: "start vLLM" });
    reporter.progress({ step: "start vLLM", detail: "x" });
    reporter.ready(LAB, REPLIES);
    reporter.stopping();
    reporter.ended("exit code 0", []);
    reporter.installed("/cache");
    reporter.failed(new LabError("No.", "Do."));
    const lines = texts.out.trimEnd().split("\n");
    expect(texts.status).toBe("");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { type: "progress", step: "start vLLM" },
      { type: "ready", ...LAB, asks: ["Hello"] },
      { type: "stopping" },
      { type: "ended", how: "exit code 0", logTail: [] },
      { type: "installed", folder: "/cache" },
      { type: "failed", message: "No.", hint: "Do." },
    ]);
  });
});
