import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { DEFAULT_VLLM_VERSION } from "@vllm-tooling/vllm-lab";
import { repositoryRoot } from "./repository.ts";

interface LiveRun {
  vllm: string;
  date: string;
  passed: number;
  failed: number;
  skipped: number;
  differences: string[];
}

/** What vitest's JSON reporter writes. */
interface Outcome {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  startTime: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

const RUNS = path.join(repositoryRoot, "tooling/contract/src/pages/live-runs.json");

/** Keeps the latest run of each version; tests that fail are its differences. */
export function recordLiveRun(outcomePath: string, version: string = DEFAULT_VLLM_VERSION): void {
  const outcome = JSON.parse(readFileSync(outcomePath, "utf8")) as Outcome;
  const failed = outcome.testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
  );
  const run: LiveRun = {
    vllm: version,
    date: new Date(outcome.startTime).toISOString().slice(0, 10),
    passed: outcome.numPassedTests,
    failed: outcome.numFailedTests,
    skipped: outcome.numPendingTests,
    differences: failed,
  };
  const others = (JSON.parse(readFileSync(RUNS, "utf8")) as LiveRun[]).filter(({ vllm }) => vllm !== version);
  const runs = [...others, run].toSorted((a, b) => a.vllm.localeCompare(b.vllm, "en", { numeric: true }));
  writeFileSync(RUNS, `${JSON.stringify(runs, null, 2)}\n`);
}
