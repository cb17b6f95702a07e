import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findVerifications } from "../src/pages/find-verifications.ts";
import { pages, repositoryRoot } from "../src/pages/pages.ts";

describe("pages that are made of data", () => {
  test.each(Object.entries(pages()))("docs/%s is current", (name, text) => {
    expect(readFileSync(join(repositoryRoot, "docs", name), "utf8"), "run: pnpm pages").toBe(text);
  });
});

test("a requirement is verified where its block says, else on servers of the test's own", () => {
  const text = [
    'describeTargets(["msw", "real"], (target) => {',
    '  verifies("a", async () => {});',
    "});",
    'describe("x", () => {',
    '  verifies.each(["b", "c"], [1], () => {});',
    "});",
  ].join("\n");
  expect(findVerifications("x.test.ts", text)).toEqual([
    ["a", "msw"],
    ["a", "real"],
    ["b", "own"],
    ["c", "own"],
  ]);
  expect(findVerifications("x.live.test.ts", text)).toEqual([
    ["a", "real"],
    ["b", "real"],
    ["c", "real"],
  ]);
});
