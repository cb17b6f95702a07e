import { parseObject } from "../parse-object.ts";

/** A tool call of an answer. */
export interface SeenCall {
  id: string;
  name: string;
  argumentsText: string;
}

/** What one answer came to, on either route. */
export class SeenAnswer {
  text = "";
  calls: SeenCall[] = [];
  /** The output limit ended it. */
  isTruncated = false;
  /** The last thing in it is a call. */
  endsInCall = false;
  model: string | undefined;
  promptTokens: number | undefined;
  completionTokens: number | undefined;
  cachedTokens: number | undefined;
}

const TRUNCATED =
  "The call was truncated by the output limit, so it was not run. Send it again, whole, or take a smaller step.";
const NOT_JSON = "The arguments of this call are not a JSON object, so it was not run. Send it again, whole.";
const NOT_RUN = "This call was not run, because another call of the same turn was not complete. Send it again.";

/**
 * What is wrong with the calls, as the model shall hear it, one text a call; undefined when all of them may run.
 *
 * @param limit the request's own, of output tokens: vLLM up to 0.30 names no reason for a call that it truncated
 */
export function findProblems(answer: SeenAnswer, limit: number | undefined): string[] | undefined {
  const { calls, endsInCall, completionTokens = 0 } = answer;
  const isTruncated = answer.isTruncated || (limit !== undefined && completionTokens >= limit);
  const last = calls.length - 1;
  const problems = calls.map(({ argumentsText }, index) => {
    if (isTruncated && endsInCall && index === last) return TRUNCATED;
    return argumentsText.trim() === "" || parseObject(argumentsText) !== undefined ? undefined : NOT_JSON;
  });
  if (problems.every((problem) => problem === undefined)) return undefined;
  return problems.map((problem) => problem ?? NOT_RUN);
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function countOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
