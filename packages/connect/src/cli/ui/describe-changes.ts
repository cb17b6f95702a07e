import type { SetupPlan } from "@vllm/coderclaw-adapter/internal";

/** What was done, in one line. */
export function describeChanges(
  { provider }: SetupPlan,
  { path, hasBackup }: { path: string; hasBackup: boolean },
): string {
  const parts = [count(provider.added.length, "added"), count(provider.updated.length, "brought up to date")].filter(
    (part) => part !== "",
  );
  const undo = hasBackup ? " Undo: npx @vllm/connect undo" : "";
  return `Wrote ${path}${parts.length === 0 ? "" : `: ${parts.join(", ")}`}.${undo}`;
}

function count(number: number, what: string): string {
  return number === 0 ? "" : `${number} model${number === 1 ? "" : "s"} ${what}`;
}
