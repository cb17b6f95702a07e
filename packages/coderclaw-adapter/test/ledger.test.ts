import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/**
 * The host contracts are numbered lists: 62 rules of CoderClaw ("checklist") and 42 failures of real OpenClaw users ("failures").
 * Every number is cited by the name of a test of this package, or stands here with the reason why it cannot be.
 */
const CHECKLIST_ELSEWHERE: Readonly<Record<number, string>> = {
  43: "the request of CoderClaw's own engine; the bridge's tests hold what reaches vLLM",
  53: "@vllm/client: retries, Retry-After, nothing after the first byte",
};

const FAILURES_ELSEWHERE: Readonly<Record<number, string>> = {
  3: "unresolved in the thread; token counts are asked for (failures 1)",
  16: "the openai-responses protocol, which we do not use",
  21: "OpenClaw's own request guard in 2026.5.12, fixed there; docs/openclaw.md says how to allow an address",
  22: "as 21",
  24: "no cause is known",
  31: "a menu of OpenClaw's installer",
  36: "the text of the host's own system prompt",
};

const root = fileURLToPath(new URL("..", import.meta.url));
const texts = ["src", "test"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(test|host)\.ts$/.test(name) && !name.endsWith("ledger.test.ts"))
    .map((name) => readFileSync(join(root, folder, name), "utf8")),
);

/** `checklist 6, 23, 44` and `failures 17 to 20` as numbers. */
function cited(word: string): Set<number> {
  const found = texts.flatMap((text) => [...text.matchAll(new RegExp(`${word} (\\d+(?:(?:, | to )\\d+)*)`, "g"))]);
  return new Set(
    found.flatMap(([, list = ""]) =>
      list.split(", ").flatMap((part) => {
        const [from = 0, to = from] = part.split(" to ").map(Number);
        return Array.from({ length: to - from + 1 }, (_, index) => from + index);
      }),
    ),
  );
}

describe.each([
  ["checklist", 62, CHECKLIST_ELSEWHERE],
  ["failures?", 42, FAILURES_ELSEWHERE],
] as const)("the %s", (word, count, elsewhere) => {
  const numbers = cited(word);

  test("every number has a test, or a reason", () => {
    const all = Array.from({ length: count }, (_, index) => index + 1);
    expect(all.filter((number) => !numbers.has(number) && !(number in elsewhere))).toEqual([]);
  });

  test("no number has both", () => {
    expect(Object.keys(elsewhere).filter((number) => numbers.has(Number(number)))).toEqual([]);
  });
});
