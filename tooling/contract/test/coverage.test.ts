import { describe, expect, test } from "vitest";
import { listFixtures, listMalformed } from "@vllm-tooling/fixtures";
import { pending } from "../src/pending.ts";
import { requirements } from "../src/requirements/index.ts";
import { readPackages, readSources } from "./workspace.ts";

const known: readonly string[] = Object.keys(requirements);

/** The ids in `verifies("a", ...)`, `verifies(["a", "b"], ...)` and `verifies.each("a", ...)`. */
function citedIds(text: string): string[] {
  return [...text.matchAll(/\bverifies(?:\.each)?(?:<[^>]*>)?\(\s*(\[[^\]]*\]|"[^"]*")/g)].flatMap((call) =>
    [...call[1]!.matchAll(/"([^"]*)"/g)].map((id) => id[1]!),
  );
}

const cited = new Set(
  readPackages()
    .filter(({ folder }) => !folder.startsWith("tooling/"))
    .flatMap(readSources)
    .flatMap((file) => citedIds(file.text)),
);

describe("the requirements", () => {
  test("each is verified by a test, or is on the pending list", () => {
    const forgotten = known.filter((id) => !cited.has(id) && !pending.includes(id as never));
    expect(forgotten, "write a test with verifies(id, ...), or add the id to tooling/contract/src/pending.ts").toEqual(
      [],
    );
  });

  test("the pending list holds only what no test verifies", () => {
    const done = pending.filter((id) => cited.has(id));
    expect(done, "these are verified: take them off tooling/contract/src/pending.ts").toEqual([]);
  });

  test("no test cites an id that does not exist", () => {
    expect([...cited].filter((id) => !known.includes(id))).toEqual([]);
  });

  test("ids name their package and say what they are about", () => {
    expect(known.filter((id) => !/^(?:client|discovery|schema|adapter|agent)\/[a-z0-9-]+$/.test(id))).toEqual([]);
  });

  test("every recording that is named as evidence exists", () => {
    const ids = new Set([...listFixtures(), ...listMalformed()].map((entry) => entry.id));
    const missing = Object.entries(requirements).flatMap(([id, requirement]) =>
      ("recordings" in requirement ? requirement.recordings : [])
        .filter((name) => !ids.has(name))
        .map((name) => `${id}: ${name}`),
    );
    expect(missing).toEqual([]);
  });
});

describe("citedIds", () => {
  test("reads single ids, lists and tables", () => {
    const text = `verifies("a", () => {}); verifies(\n  ["b", "c"],\n  "detail", () => {}); verifies.each("d", [1], () => {}); verifies.fails("e", () => {});`;
    expect(citedIds(text)).toEqual(["a", "b", "c", "d"]);
  });
});
