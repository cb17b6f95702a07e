import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { toCompatibilityPage, type LiveRun } from "./compatibility-page.ts";
import { toContractPage } from "./contract-page.ts";

export const repositoryRoot = fileURLToPath(new URL("../../../../", import.meta.url));

/** The pages of `docs/` that are made of data, by their name. */
export function pages(): Readonly<Record<string, string>> {
  const runs = JSON.parse(readFileSync(new URL("live-runs.json", import.meta.url), "utf8")) as LiveRun[];
  return { "contract.md": toContractPage(readTests()), "compatibility.md": toCompatibilityPage(runs) };
}

function readTests(): { path: string; text: string }[] {
  return execFileSync("git", ["ls-files", "packages", "apps"], { cwd: repositoryRoot, encoding: "utf8" })
    .split("\n")
    .filter((path) => path.endsWith(".test.ts"))
    .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), "utf8") }));
}
