import { describe, expect, test } from "vitest";
import { nameOf, readPackages, readSources } from "./workspace.ts";

/** What ends a test that hangs may not be shorter: a busy machine takes its time. */
const LEAST_TIMEOUT_MS = 60_000;

/** How an ordinary test would come to depend on how fast the machine is. Time as data (`Date.now() - 31_000`) is none of it. */
const CLOCKS = [
  /\bperformance\s*\.\s*\w+/,
  /\b(?:hrtime|cpuUsage|resourceUsage|perf_hooks)\b/,
  /\bDate\.now\(\)(?! [-+] [\d_]+\b(?! [*/]))/,
  /\bnew Date\(\)(?!\.toISOString)/,
  /\bconsole\.time/,
];
/** Options after another argument, as `expect.poll`, `vi.waitUntil` and `test` take them, and a number after a test's body. */
const TIMEOUTS = [/,\s*\{[^{}]*\btimeout: ([\d_]+)/g, /^\s*\}, ([\d_]{4,})\);/gm];

function realTimeIn(text: string): string[] {
  const clocks = CLOCKS.map((pattern) => pattern.exec(text)?.[0]);
  const timeouts = TIMEOUTS.flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(([, digits = ""]) => Number(digits.replaceAll("_", "")) < LEAST_TIMEOUT_MS)
    .map(([found]) => found.trim());
  return [...clocks, ...timeouts].filter((found) => found !== undefined);
}

const ADVICE =
  "An ordinary test must not fail because the machine is busy: stop the clock (@vllm-tooling/contract/clock), count instead, or write a *.slow.test.ts.";

describe("an ordinary test", () => {
  test("reads no real clock, and nothing it waits for has less than a minute", () => {
    const files = readPackages()
      .flatMap(readSources)
      .filter(({ path }) => path.endsWith(".test.ts") && !/\.(?:slow|live)\.test\.ts$/.test(path))
      // The tests of the clock itself, and of this rule.
      .filter((file) => !/^tooling\/contract\/(?:src\/clock|test\/real-time)\.test\.ts$/.test(nameOf(file)));
    expect(files.length).toBeGreaterThan(150);
    const found = files.flatMap((file) => realTimeIn(file.text).map((what) => `${nameOf(file)}: ${what}`));
    expect(found, ADVICE).toEqual([]);
  });

  test.each([
    "const start = performance.now();",
    "expect(Date.now() - start).toBeLessThan(5000);",
    "const until = Date.now() + 5 * SECOND;",
    "const until = Date.now() + 5000 * factor;",
    "const { user } = process.cpuUsage();",
    "process.hrtime.bigint()",
    'import { monitorEventLoopDelay } from "node:perf_hooks";',
    "const start = new Date();",
    "await expect.poll(() => seen, { timeout: 5000 }).toBe(1);",
    "await vi.waitUntil(isThere, { interval: 5, timeout: 20_000 });",
    'test("quick", { timeout: 1000 }, async () => {});',
    'test("quick", async () => {\n}, 5_000);',
  ])("is refused with %j", (code) => expect(realTimeIn(code)).toHaveLength(1));

  test.each([
    "createdAt: new Date().toISOString()",
    "createdAt: new Date(Date.now() - 31_000).toISOString()",
    "await expect.poll(() => seen).toBe(1);",
    "await vi.waitUntil(isThere, { timeout: 60_000 });",
    '[{ timeout: 5000 }, "timeout", "Did you mean timeouts?"]',
    "check(withProvider({ timeout: 1 }))",
    "expect(clock.elapsedMs).toBeLessThan(5000);",
    "chat(PARAMS, { timeouts: { idleMs: 100 } })",
  ])("is accepted with %j", (code) => expect(realTimeIn(code)).toEqual([]));
});
