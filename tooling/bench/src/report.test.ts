import { describe, expect, test } from "vitest";
import { textPayload, toolPayload } from "./payloads.ts";
import { median, toReport } from "./report.ts";

const MACHINE = {
  node: "v24",
  cpu: "test",
  cores: 2,
  system: "Linux 6",
  loadAverage: 0.25,
  isPinned: true,
  rounds: 2,
  versions: ["@vllm/client 1.0.0", "openai 7.0.0"],
};

describe("the report", () => {
  const row = { shape: "s0", coldStartMs: 100, memoryMiB: 10 };
  const both = [
    { ...row, client: "openai", cpu: 1000 },
    { ...row, client: "openai", cpu: 3000 },
    { ...row, client: "@vllm/client", cpu: 500 },
    { ...row, client: "@vllm/client", cpu: 500 },
    { ...row, client: "floor: socket", cpu: 200 },
  ];

  test("gives medians and ratios to openai and to the bare socket", () => {
    const report = toReport(both, MACHINE);
    expect(report).toContain("| @vllm/client | 500 | 0.25 | 2.50 | 10 | 100 |");
    expect(report).toContain("| openai | 2000 | 1.00 | 10.00 | 10 | 100 |");
  });

  test("begins with the machine, the versions and one table over all shapes, the cheapest client first", () => {
    const paced = { shape: "s2l", coldStartMs: 100, memoryMiB: 10, latency: { p50: 80, p99: 240 } };
    const report = toReport(
      [...both, { ...paced, client: "openai", cpu: 50 }, { ...paced, client: "@vllm/client", cpu: 20 }],
      MACHINE,
    );
    expect(report.split("\n").slice(0, 8)).toEqual([
      "test, 2 cores (load 0.3), Linux 6, Node v24, loopback; server and client on a core each.",
      "Medians of 2 interleaved runs, one process each: user and system CPU of the whole client process. @vllm/client 1.0.0, openai 7.0.0.",
      "",
      "| client | S0 µs (÷ openai, ÷ socket) | S2L µs (÷ openai, ÷ socket) | start → first piece ms |",
      "| --- | --: | --: | --: |",
      "| floor: socket | 200 (0.10, 1.00) | – (–, –) | 100 |",
      "| @vllm/client | 500 (0.25, 2.50) | 20.0 (0.40, –) | 100 |",
      "| openai | 2000 (1.00, 10.00) | 50.0 (1.00, –) | 100 |",
    ]);
    expect(report).toContain("| @vllm/client | 20.0 | 0.40 | – | 80 | 240 | 10 | 100 |");
  });

  test("of a run without openai has no ratios", () => {
    expect(toReport(both.slice(2, 4), MACHINE)).toContain("| @vllm/client | 500 (–, –) | 100 |");
  });
});

test("median of odd and even counts", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test("payloads are the same in every process, and whole", () => {
  const payload = textPayload(16);
  expect(payload.events).toHaveLength(20);
  expect(Buffer.concat(textPayload(16).events).equals(Buffer.concat(payload.events))).toBe(true);
  const tools = toolPayload(8192, 400);
  expect(JSON.parse(tools.expected.toolArguments)).toHaveProperty("path", "src/module.ts");
  expect(tools.expected.toolArguments.length).toBeGreaterThanOrEqual(8192);
});
