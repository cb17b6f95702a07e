import { errorFromNetwork } from "@vllm/schema/core";
import { loadFixture } from "@vllm-tooling/fixtures";
import type { ProbeAnswer, ProbeOutcome } from "../src/http/probe-outcome.ts";
import { networkError } from "./play.ts";

/** A recorded exchange as the outcome of a question. */
export function outcomeOf(id: string): ProbeOutcome {
  const { status, headers, body, end } = loadFixture(id).response;
  if (end === "refused" || status === 0) return refused();
  return {
    kind: "answer",
    status,
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: new TextDecoder().decode(body),
    isTruncated: false,
    ms: 1,
  };
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): ProbeAnswer {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { kind: "answer", status, headers, body: text, isTruncated: false, ms: 1 };
}

export function refused(): ProbeOutcome {
  return {
    kind: "network",
    error: errorFromNetwork(networkError("ECONNREFUSED"), { url: "http://127.0.0.1:8000/v1/models" }),
    ms: 1,
  };
}

export const NOT_FOUND = answer(404, { detail: "Not Found" }, { "content-type": "application/json" });
export const TIMEOUT: ProbeOutcome = { kind: "timeout", hasHead: false, ms: 5000 };
