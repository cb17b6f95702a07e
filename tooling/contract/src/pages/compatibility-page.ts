import { listFixtures } from "@vllm-tooling/fixtures";

/** One run of the live suite (`pnpm test:live`). */
export interface LiveRun {
  vllm: string;
  /** The day. */
  date: string;
  passed: number;
  failed: number;
  skipped: number;
  /** What differs from the newest version, in one sentence each. */
  differences: readonly string[];
}

type Entry = ReturnType<typeof listFixtures>[number];

const has = (pattern: RegExp) => (entry: Entry) => pattern.test(`${entry.config}/${entry.name}`);

/** A feature, and the recordings that show it. */
const FEATURES: readonly (readonly [feature: string, shows: (entry: Entry) => boolean])[] = [
  ["streamed chats", ({ streamed }) => streamed],
  ["whole chats", has(/nonstream|whole/)],
  ["tool calls", ({ name }) => name.includes("tool")],
  ["forced and named calls", has(/tool-required|tool-named|tool-choice|forced/)],
  ["parallel calls", has(/parallel|tool-two|tools-two/)],
  ["reasoning", has(/think|reason/)],
  ["structured output", has(/json|response-format|structured|guided/)],
  ["log probabilities", has(/logprob/)],
  ["several answers (n)", has(/\/n[23]/)],
  ["context overflow", has(/too-long|overflow|max-tokens-huge/)],
  ["refused requests", has(/\/refused|bad-|unknown-|negative/)],
  ["keys", ({ name }) => /(?:api|no|right|wrong)-key|bearer/.test(name)],
  ["no tool parser", has(/no-tool-parser\/.*tool/)],
  ["list of models", has(/\/models/)],
  ["tokens and templates", has(/tokenize|template|prompt-/)],
  ["health and metrics", has(/health|metrics|load|version|ping/)],
  ["asleep and paused", has(/sleep|pause/)],
  ["engine or server dies", has(/dies|kill/)],
  ["LoRA adapters", has(/lora/)],
  ["pictures", has(/vision|image/)],
  ["embeddings, scores", has(/embed|score|rerank|pool/)],
  ["Responses, Messages", has(/responses|messages(?!\w)|count-tokens/)],
];

/** What the live suite asks servers that it starts itself, and through the bridge. */
const ASKED_OF_OTHERS: ReadonlySet<string> = new Set([
  "keys",
  "no tool parser",
  "engine or server dies",
  "LoRA adapters",
  "pictures",
  "Responses, Messages",
]);

/** `docs/compatibility.md`: vLLM version × feature. */
export function toCompatibilityPage(runs: readonly LiveRun[]): string {
  const entries = listFixtures().filter(({ version }) => /^\d/.test(version));
  const versions = [...new Set([...entries.map(({ version }) => version), ...runs.map(({ vllm }) => vllm)])].toSorted(
    byVersion,
  );
  const rows = FEATURES.map(([feature, shows]) => {
    // The live suite asks again what was recorded of the lab's own server.
    const isLive = ASKED_OF_OTHERS.has(feature) || entries.some((entry) => entry.config === "lab" && shows(entry));
    const cells = versions.map((version) => {
      const count = entries.filter((entry) => entry.version === version && shows(entry)).length;
      const hasRun = isLive && runs.some(({ vllm }) => vllm === version);
      return [count > 0 ? `${count} recorded` : "", hasRun ? "live" : ""].filter(Boolean).join(", ") || "not tried";
    });
    return `| ${feature} | ${cells.join(" | ")} |`;
  });
  const live = versions.map((version) => describeRun(runs.find(({ vllm }) => vllm === version)));
  const differences = runs.flatMap(({ vllm, differences: found }) => found.map((text) => `- ${vllm}: ${text}`));
  return [
    "# vLLM versions",
    "",
    "Written by `pnpm pages` from the recordings of `tooling/fixtures` and `tooling/contract/src/pages/live-runs.json`; a test holds it. Recordings of every version run through the client's tests on every change.",
    "",
    "- **recorded**: so many answers of a real server of that version are replayed in the tests.",
    "- **live**: the live suite (`pnpm test:live --vllm <version>`) asked a real server; the last row says how it ended.",
    "- **not tried**: nobody has looked.",
    "",
    `| feature | ${versions.join(" | ")} |`,
    `| --- | ${versions.map(() => "---").join(" | ")} |`,
    ...rows,
    `| **live suite** | ${live.join(" | ")} |`,
    "",
    "## Differences in the live suite",
    "",
    "Tests that hold on the newest version and not on this one.",
    "",
    ...(differences.length === 0 ? ["None recorded."] : differences),
    "",
  ].join("\n");
}

function describeRun(run: LiveRun | undefined): string {
  if (run === undefined) return "not tried";
  const failed = run.failed === 0 ? "" : `, ${run.failed} failed`;
  return `live ${run.date}: ${run.passed} passed${failed}`;
}

function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
