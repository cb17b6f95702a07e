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

/** The runtime's own `fetch`, by its full name; or by its short one in a file that was given no other. */
const GLOBAL_FETCH = /(?:\?\?|[^=!<>]=|=>|await|return) *globalThis\.fetch\b(?! *[|;]?\w)/;
const SHORT_FETCH = /(?:\?\?|[^=!<>]=|=>) *fetch\b(?! *[:?])|(?:await|return) fetch\(/;
const OTHER_FETCH = /\bfetch\b[^;]{0,60}createFetch\(|[{,] *fetch *[,}]|\bfetch\??:/;

function takesGlobalFetch(text: string): boolean {
  return GLOBAL_FETCH.test(text) || (SHORT_FETCH.test(text) && !OTHER_FETCH.test(text));
}

test("only the transport sends with the runtime's fetch: proxy, certificates and log are the same for all", () => {
  const found = sources.filter(({ owner, text }) => owner.folder.startsWith("packages/") && takesGlobalFetch(text));
  expect(
    found.map(({ owner, path }) => `${owner.folder}/${path}`.replace("packages/", "")).toSorted(),
    "take createFetch of @vllm/transport, or ask through the client or discovery",
  ).toEqual(["transport/src/create-transport.ts"]);
});

test.each([
  "const answer = await fetch(url);",
  "return fetch(url, { headers });",
  "function explain(url: string, ask: typeof fetch = fetch) {}",
  "const send = options.send ?? globalThis.fetch;",
])("%s is seen", (line) => expect(takesGlobalFetch(line)).toBe(true));

test.each([
  "const { fetch = createFetch({ tls }) } = terminal;\nconst answer = await fetch(url);",
  "async function read({ fetch, url }: Options) {\n  return fetch(url);\n}",
  "const given = upstream.fetch as typeof globalThis.fetch | undefined;",
])("%j is another one", (text) => expect(takesGlobalFetch(text)).toBe(false));
