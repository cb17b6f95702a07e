import { test } from "vitest";
import { requirements, type RequirementId } from "./requirements/index.ts";

type Ids = RequirementId | readonly RequirementId[];
type Body = () => void | Promise<void>;

/**
 * A test that verifies a requirement, or several: `verifies("client/peers-3", () => { ... })`. It bears the requirement's
 * words; a detail tells several tests of one requirement apart.
 */
export function verifies(ids: Ids, body: Body): void;
export function verifies(ids: Ids, detail: string, body: Body): void;
export function verifies(ids: Ids, detailOrBody: string | Body, body?: Body): void {
  if (typeof detailOrBody === "string") test(toTitle(ids, detailOrBody), body!);
  else test(toTitle(ids), detailOrBody);
}

/**
 * One test for each case: `verifies.each("client/wire-20", ["0.10.2", "0.12.0"], (version) => { ... })`. A case is called by its text, by
 * its `name`, or by the plain values in it: `[["a wrong key", 401]]`.
 */
verifies.each = <const Case>(ids: Ids, cases: readonly Case[], body: (item: Case) => void | Promise<void>): void => {
  for (const item of cases) test(toTitle(ids, toDetail(item)), () => body(item));
};

/** A requirement that does not hold yet: the test must fail, so that whoever mends it comes by here. */
verifies.fails = (ids: Ids, body: Body): void => {
  test.fails(toTitle(ids), body);
};

function toTitle(ids: Ids, detail?: string): string {
  const list = typeof ids === "string" ? [ids] : ids;
  const words = list.map((id) => `${id}: ${requirements[id].behaviour}`).join(" ");
  return detail === undefined ? words : `${words} (${detail})`;
}

function toDetail(item: unknown): string {
  if (typeof item === "string") return item;
  if (Array.isArray(item)) return item.filter((part) => typeof part !== "object").join(", ");
  const name = (item as { name?: unknown } | null)?.name;
  return typeof name === "string" ? name : String(JSON.stringify(item));
}
