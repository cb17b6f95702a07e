import { expect, test } from "vitest";
import { readPackages, readSources } from "./workspace.ts";

const sources = readPackages()
  .filter(({ folder }) => !folder.startsWith("tooling/"))
  .flatMap(readSources)
  .filter((file) => !file.isTest);

/** A comparison, a look-up or a switch that has a finish reason on one side and a word on the other. */
const DECIDES_BY_WORD = [
  /\bfinish_?reason\b[^;\n]{0,40}(?:[!=]==?|\bin\b) *["'`[]/i,
  /["'`] *[!=]==? *[\w.?]*finish_?reason\b/i,
  /(?:\.(?:has|get|includes)\(|\[|\bswitch *\() *[\w.?]*finish_?reason\b/i,
];

/** The table itself, and the matrix, which judges whether a server speaks OpenAI's words to agents that know no others. */
const ALLOWED = ["client/src/stream/finish-reason.ts", "connect/src/matrix/matrix-cases.ts"];

test("only the client's table knows what a finish reason stands for", () => {
  const found = sources.filter(({ text }) => DECIDES_BY_WORD.some((pattern) => pattern.test(text)));
  expect(
    found.map(({ owner, path }) => `${owner.folder}/${path}`.replace("packages/", "")).toSorted(),
    "decide by `ending` of the result; a new word belongs in packages/client/src/stream/finish-reason.ts",
  ).toEqual(ALLOWED);
});

test.each([
  'if (finishReason === "length") cut();',
  'const wasCut = choice.finish_reason !== "stop";',
  'if ("abort" === finishReason) fail();',
  "const known = STOP_REASONS[finishReason];",
  "if (WORDS.has(choice.finish_reason)) end();",
  "switch (answer.finishReason) {",
])("%s is seen", (line) => expect(DECIDES_BY_WORD.some((pattern) => pattern.test(line))).toBe(true));
