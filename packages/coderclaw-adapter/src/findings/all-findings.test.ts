import { describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import type { AdapterFinding } from "./adapter-finding.ts";
import { adviseAgents, isForAgents } from "./advice-for-agents.ts";
import { allFindings } from "./all-findings.ts";
import { mergeAlike } from "./merge-alike.ts";

const finding = (code: AdapterFinding["code"], more: Partial<AdapterFinding> = {}): AdapterFinding => ({
  code,
  severity: "error",
  message: "m",
  fix: "f",
  ...more,
});
const coderClaw = { agent: "coderclaw", providerId: "vllm" } as const;

describe("allFindings", () => {
  test("the agent's own rule about a window takes the place of the general one, for that model only", () => {
    const ofServer = [finding("WINDOW_TOO_SMALL", { model: "a" }), finding("WINDOW_TOO_SMALL", { model: "b" })];
    const ofAgent = [finding("WINDOW_BELOW_HOST_MINIMUM", { model: "a" })];
    expect(allFindings(ofServer, ofAgent, coderClaw).map(({ code, model }) => `${code} ${model}`)).toEqual([
      "WINDOW_TOO_SMALL b",
      "WINDOW_BELOW_HOST_MINIMUM a",
    ]);
  });

  test("the worst comes first, also after advice has changed a severity", () => {
    const ofServer = [finding("OPEN_WITHOUT_KEY", { severity: "warning" }), finding("KEY_WRONG")];
    const ofAgent = [finding("PROXY_IN_THE_WAY", { severity: "warning" })];
    expect(allFindings(ofServer, ofAgent, coderClaw).map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      "error KEY_WRONG",
      "warning PROXY_IN_THE_WAY",
      "info OPEN_WITHOUT_KEY",
    ]);
  });
});

describe("adviseAgents", () => {
  test("a key is a command to type, with the provider and its own variable", () => {
    expect(adviseAgents(finding("KEY_MISSING"), coderClaw).fix).toMatch(/^npx @vllm\/connect setup asks.*VLLM_API_KEY/);
    expect(adviseAgents(finding("KEY_MISSING"), { agent: "coderclaw", providerId: "vllm-gpu1" }).fix).toMatch(
      /^npx @vllm\/connect setup --provider vllm-gpu1 asks.*VLLM_GPU1_API_KEY/,
    );
  });

  test("no advice names a function", () => {
    for (const code of ["SERVER_STARTING", "PROBE_SKIPPED_BUSY"] as const)
      expect(adviseAgents(finding(code, { fix: "waitUntilReady, evenIfBusy" }), coderClaw).fix).not.toMatch(
        /waitUntilReady|evenIfBusy/,
      );
  });

  verifies(
    "agent/openclaw/consecutive-user-messages",
    "advice: each agent's own way out, and none where somebody merges them",
    () => {
      const rejected = finding("USER_MESSAGES_REJECTED", { severity: "info" });
      expect(adviseAgents(rejected, coderClaw)).toMatchObject({
        severity: "info",
        fix: expect.stringContaining("--bridge"),
      });
      const openClaw = { agent: "openclaw", providerId: "vllm" } as const;
      expect(adviseAgents(rejected, openClaw)).toMatchObject({
        severity: "warning",
        fix: expect.stringContaining("init-plugin"),
      });
      expect(isForAgents(rejected, coderClaw)).toBe(true);
      expect(isForAgents(rejected, { ...coderClaw, hasBridge: true })).toBe(false);
      expect(isForAgents(rejected, { agent: "openclaw", providerId: "vllm-plus" })).toBe(false);
    },
  );
});

describe("mergeAlike", () => {
  const tooSmall = (model: string, window: number): AdapterFinding =>
    finding("WINDOW_BELOW_HOST_MINIMUM", { model, message: `${model}: a window of ${window}` });

  test("one line for models of which one thing is true; each other thing keeps its own", () => {
    const merged = mergeAlike([tooSmall("a", 1), tooSmall("$&", 1), tooSmall("c", 2), tooSmall("a", 1)]);
    expect(merged.map(({ message }) => message)).toEqual(["a, $&: a window of 1", "c: a window of 2"]);
  });

  test("findings that differ in fix or severity stay apart", () => {
    const findings = [
      finding("KEY_WRONG"),
      finding("KEY_WRONG", { fix: "g" }),
      finding("KEY_WRONG", { severity: "info" }),
    ];
    expect(mergeAlike(findings)).toEqual(findings);
  });
});
