import { PassThrough } from "node:stream";
import type { ServerReport, ServeSuggestion } from "@vllm/discovery";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import type { AdapterFinding, HostModel } from "@vllm/coderclaw-adapter/internal";
import type { MatrixRow } from "../../matrix/run-matrix.ts";
import type { Output } from "../terminal/output.ts";
import { createOutput } from "../terminal/output.ts";
import { createColors } from "../terminal/colors.ts";
import { renderDiff } from "./render-diff.ts";
import { renderFindings } from "./render-findings.ts";
import { renderMatrix } from "./render-matrix.ts";
import { renderReasons, renderServerLine } from "./render-models.ts";
import { renderServeCommand } from "./render-serve-command.ts";
import { shortenDiff } from "./shorten-diff.ts";
import { withNote } from "../terminal/with-note.ts";

/** What a terminal of so many columns gets; undefined is a pipe. */
function outputOf(columns?: number): Output {
  const stream = (): PassThrough => new PassThrough();
  const stdout = Object.assign(stream(), { columns });
  const { signal } = new AbortController();
  const terminal = { env: {}, homeDirectory: "/h", stdin: stream(), stdout, stderr: stream(), signal };
  return createOutput(terminal, { json: false, color: false });
}

const widthOf = (text: string): number => Math.max(...text.split("\n").map((line) => stringWidth(line)));

const finding: AdapterFinding = {
  code: "WINDOW_BELOW_HOST_MINIMUM",
  severity: "error",
  message: "a: the window is 4096 tokens, and CoderClaw refuses to run below 16000.",
  fix: "Start the server with --max-model-len 32768 or more, then vllm-connect sync",
};

describe("renderFindings", () => {
  test("fits a narrow terminal, what goes on below the text", () => {
    expect(renderFindings([finding], outputOf(44))).toBe(
      [
        "✖ a: the window is 4096 tokens, and",
        "  CoderClaw refuses to run below 16000.",
        "  WINDOW_BELOW_HOST_MINIMUM",
        "  → Start the server with --max-model-len",
        "    32768 or more, then vllm-connect sync",
      ].join("\n"),
    );
  });

  test("is one line each in a pipe, and where a terminal says that it has no columns", () => {
    for (const columns of [undefined, 0])
      expect(renderFindings([finding], outputOf(columns)).split("\n")).toHaveLength(2);
  });
});

test("renderDiff: a new file begins at line 0, as for every patch", () => {
  const diff = renderDiff({ path: "c.json", before: "", after: "{\n}\n" }, createColors(false));
  expect(diff).toBe("c.json\n@@ -0,0 +1,2 @@\n+{\n+}");
});

test("withNote: behind the line, or below it where there is no room", () => {
  expect(withNote("a line", "— a note", outputOf(20))).toBe("a line — a note");
  expect(withNote("a line", "— a longer note", outputOf(14), 4)).toBe("a line\n    — a longer\n    note");
  expect(withNote("a line", "— a longer note", outputOf())).toBe("a line — a longer note");
});

test("renderDiff: line ends of Windows are no part of what is shown, secrets neither", () => {
  const change = { path: "c.json", before: "{\r\n\ta: 1,\r\n}\r\n", after: '{\r\n\ta: 2,\r\n\ttoken: "t0p"\r\n}\r\n' };
  expect(renderDiff(change, createColors(false)).split("\n")).toEqual([
    "c.json",
    "@@ -1,3 +1,4 @@",
    " {",
    "-\ta: 1,",
    "+\ta: 2,",
    '+\ttoken: "••••••"',
    " }",
  ]);
});

test("shortenDiff: a long one is cut, and says how to see the rest", () => {
  const lines = (count: number): string => Array.from({ length: count }, (_, index) => `+${index}`).join("\n");
  expect(shortenDiff(lines(80), createColors(false))).toBe(lines(80));
  expect(shortenDiff(lines(200), createColors(false))).toBe(
    `${lines(80)}\n… and 120 more lines: --dry-run shows all of them`,
  );
});

describe("renderServerLine", () => {
  test.each([
    [{ kind: "vllm", state: "ready", version: "0.32.0" }, "✔ vLLM 0.32.0 at http://h:8000/v1 (5 ms)"],
    [
      { kind: "vllm", state: "unhealthy", version: "0.32.0" },
      "✖ vLLM 0.32.0 at http://h:8000/v1 is not healthy (5 ms)",
    ],
    [
      { kind: "vllm-router", state: "ready", version: "0.32.0" },
      "✔ vllm-router, vLLM 0.32.0 at http://h:8000/v1 (5 ms)",
    ],
    [{ kind: "vllm-router", state: "ready", version: undefined }, "✔ vllm-router at http://h:8000/v1 (5 ms)"],
    [{ kind: "locked", state: "locked" }, "✖ A server at http://h:8000/v1 is locked (5 ms)"],
    [{ kind: "web-page", state: "wrong-server" }, "✖ A web page at http://h:8000/v1 is not a vLLM server (5 ms)"],
    [{ kind: "llama.cpp", state: "starting" }, "✖ llama.cpp at http://h:8000/v1 is loading (5 ms)"],
    [{ kind: "nothing", state: "unreachable" }, "✖ No server at http://h:8000/v1 (5 ms)"],
  ])("%j: %s", (seen, line) => {
    const report = { apiRoot: "http://u:p@h:8000/v1", durationMs: 5, ...seen } as unknown as ServerReport;
    expect(renderServerLine(report, createColors(false))).toBe(line);
  });
});

describe("renderReasons", () => {
  const model = (id: string, window: number): HostModel => ({
    id,
    entry: {},
    reasons: [
      { field: "id", value: id, source: "server", evidence: "the served id" },
      { field: "contextWindow", value: window, source: "server", evidence: "max_model_len of /v1/models" },
      { field: "compat.supportsUsageInStreaming", value: true, source: "server", evidence: "every vLLM counts tokens" },
    ],
  });

  test("names of one model share a table", () => {
    const text = renderReasons([model("a", 1), model("b", 1), model("c", 2)], outputOf());
    expect(text).toMatch(/^ {2}a, b\n {2}Field .*\n/);
    expect(text.match(/contextWindow/g)).toHaveLength(2);
  });

  test("a narrow terminal has the reason below its value, and no key in two pieces", () => {
    const text = renderReasons([model("a", 1)], outputOf(60));
    expect(text).toContain("  contextWindow: 1 (server)\n    max_model_len of /v1/models");
    expect(widthOf(text)).toBeLessThanOrEqual(60);
  });
});

describe("renderServeCommand", () => {
  const suggestion: ServeSuggestion = {
    model: "m",
    command: "vllm serve m --max-model-len 32768 --tool-call-parser hermes",
    arguments: [
      { argument: "--served-model-name m", change: "keep", basis: "evidence", why: "listed" },
      { argument: "--max-model-len 32768", change: "replace", basis: "evidence", why: "the agent needs 16000" },
      { argument: "--tool-call-parser hermes", change: "check", basis: "evidence", why: "x".repeat(200) },
    ],
    changes: [],
  };

  test("marks what is to be changed, and explains the marks that it uses", () => {
    expect(renderServeCommand(suggestion, outputOf()).split("\n")).toEqual([
      "How to serve m for agents",
      "  (≠ has another value, ? cannot be seen from here)",
      "    --served-model-name m",
      "  ≠ --max-model-len 32768  the agent needs 16000",
      `  ? --tool-call-parser hermes  ${"x".repeat(79)}…`,
      "",
      "  vllm serve m --max-model-len 32768 --tool-call-parser hermes",
    ]);
  });

  test("never breaks the command: it is there to be copied", () => {
    const lines = renderServeCommand(suggestion, outputOf(40)).split("\n");
    expect(lines.at(-1)).toBe(`  ${suggestion.command}`);
    expect(widthOf(lines.slice(0, -1).join("\n"))).toBeLessThanOrEqual(51);
  });
});

test("renderMatrix says a thing once", () => {
  const row = (name: string, evidence: string): MatrixRow => ({
    name,
    outcome: "refused",
    evidence,
    ms: 1,
    request: {},
    response: "",
  });
  const rows = [row("one", "400: no parser"), row("two", "400: no parser"), row("three", "other")];
  const text = renderMatrix({ model: "m", server: "s", version: undefined, rows }, outputOf());
  expect(
    text.split("\n").map((line) =>
      line
        .trim()
        .split(/\s{2,}/)
        .at(-1),
    ),
  ).toEqual(["Seen", "400: no parser", "as: one", "other"]);
});
