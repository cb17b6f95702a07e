import { describe, expect, test } from "vitest";
import { listFixtures, listMalformed } from "@vllm-tooling/fixtures";
import { citedIds } from "../src/pages/find-verifications.ts";
import { pending } from "../src/pending.ts";
import { requirements, type RequirementId } from "../src/requirements/index.ts";
import { readPackages, readSources } from "./workspace.ts";

const known = Object.keys(requirements) as RequirementId[];
const unverified = known.filter((id) => "unverified" in requirements[id]);

const cited = new Set(
  readPackages()
    .filter(({ folder }) => !folder.startsWith("tooling/"))
    .flatMap(readSources)
    .flatMap((file) => citedIds(file.text)),
);

describe("the requirements", () => {
  test("each is verified by a test, is on the pending list, or says why it cannot be verified", () => {
    const forgotten = known.filter((id) => !cited.has(id) && !pending.includes(id) && !unverified.includes(id));
    expect(forgotten, "write a test with verifies(id, ...), or add the id to tooling/contract/src/pending.ts").toEqual(
      [],
    );
  });

  test("none is verified or pending that says it cannot be verified", () => {
    const done = unverified.filter((id) => cited.has(id) || pending.includes(id));
    expect(done, "these are verified, or will be: take `unverified` off them").toEqual([]);
  });

  test("the pending list holds only what no test verifies", () => {
    const done = pending.filter((id) => cited.has(id));
    expect(done, "these are verified: take them off tooling/contract/src/pending.ts").toEqual([]);
  });

  test("no test cites an id that does not exist", () => {
    expect([...cited].filter((id) => !known.includes(id as RequirementId))).toEqual([]);
  });

  test("ids name their package or their agent, and say what they are about", () => {
    const pattern = /^(?:client|discovery|schema|adapter|agent\/(?:coderclaw|openclaw))\/[a-z0-9-]+$/;
    expect(known.filter((id) => !pattern.test(id))).toEqual([]);
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
