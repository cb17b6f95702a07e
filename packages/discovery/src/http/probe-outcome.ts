import type { VllmError } from "@vllm/schema/core";
import { parseJson } from "@vllm/schema/internal";

/** An HTTP answer, its body read up to a limit. */
export interface ProbeAnswer {
  kind: "answer";
  status: number;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  body: string;
  /** True when the body was longer than the limit and the rest was not read. */
  isTruncated: boolean;
  /** True when the body is nested deeper than any program should follow (`limits.nesting`). */
  isTooDeep?: boolean | undefined;
  ms: number;
}

/** What became of one question to a server. Every one of them is a fact to classify; none is thrown. */
export type ProbeOutcome =
  | ProbeAnswer
  /** The answer points to another origin, or (`isHome`) in circles. It was not followed, so no credential went there. */
  | { kind: "redirect"; status: number; location: string; isHome: boolean; ms: number }
  /** No HTTP answer came. `error.reason` tells why. */
  | { kind: "network"; error: VllmError; ms: number }
  /** The deadline passed. `hasHead`: the answer had begun and its body did not end. */
  | { kind: "timeout"; hasHead: boolean; ms: number }
  /** The caller stopped it. */
  | { kind: "aborted"; ms: number }
  /** The question was not asked. */
  | { kind: "not-asked" };

export const NOT_ASKED: ProbeOutcome = { kind: "not-asked" };

/** Several rules look at one answer, and a hostile one takes long to parse. */
const parsed = new WeakMap<ProbeAnswer, unknown>();

/** The JSON of an answer with this status, or undefined. */
export function jsonOf(outcome: ProbeOutcome, status = 200): unknown {
  if (outcome.kind !== "answer" || outcome.status !== status || outcome.isTruncated || outcome.isTooDeep === true)
    return undefined;
  if (!parsed.has(outcome)) parsed.set(outcome, parseJson(outcome.body));
  return parsed.get(outcome);
}

export function statusOf(outcome: ProbeOutcome): number | undefined {
  return outcome.kind === "answer" || outcome.kind === "redirect" ? outcome.status : undefined;
}
