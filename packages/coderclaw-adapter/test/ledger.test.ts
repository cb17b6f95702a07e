import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/**
 * The host contracts are numbered lists: 62 rules of CoderClaw ("checklist"), 42 failures of real OpenClaw users ("failures") and 31 rows of
 * what the hosts do with a real vLLM ("hosts"). Every number is cited by the name of a test of this package, or stands here with the reason why it cannot be.
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

const HOSTS = "1a 1b 1c 1d 2 2b 3 3b 3c 4a 4b 4c 5a 5b 5c 5d 5e 5f 5g 6a 6b 6c 6d 6e 7a 7b 7c 8 9 10 10b".split(" ");

const HOSTS_ELSEWHERE: Readonly<Record<string, string>> = {
  "10b": "`openclaw agent --local` itself prints an answer at its end; docs/openclaw.md says so",
};

const root = fileURLToPath(new URL("..", import.meta.url));
const texts = ["src", "test", "../bridge/src", "../bridge/test", "../connect/src", "../connect/test"].flatMap(
  (folder) =>
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

describe("the hosts against a real vLLM", () => {
  const found = texts.flatMap((text) => [...text.matchAll(/hosts (\d+[a-z]?(?:, \d+[a-z]?)*)/g)]);
  const numbers = new Set(found.flatMap(([, list = ""]) => list.split(", ")));

  test("every row has a test, or a reason", () => {
    expect(HOSTS.filter((row) => !numbers.has(row) && !(row in HOSTS_ELSEWHERE))).toEqual([]);
  });

  test("no row has both, and none is made up", () => {
    expect(Object.keys(HOSTS_ELSEWHERE).filter((row) => numbers.has(row))).toEqual([]);
    expect([...numbers].filter((row) => !HOSTS.includes(row))).toEqual([]);
  });
});
