import type { CapabilityStatus, Fact, FactSource } from "@vllm/schema/core";

/** Whether something works here, and the observation that says so. `unknown`: nobody looked, or the answer told nothing. */
export interface Capability {
  status: CapabilityStatus;
  /** In words fit to print. */
  evidence: string;
  source: FactSource;
  /** What a `no` comes from, or what a `yes` leaves open, where something follows from it. */
  cause?: CapabilityCause | undefined;
  /** With `call-not-read`: the parser that reads the model's own text. */
  parser?: string | undefined;
}

/**
 * - `no-tool-parser`: requests with tools are refused
 * - `call-not-read`: the server's parser is not the one for the model's calls
 * - `thought-in-answer`: no parser took the thought out of the text
 * - `thought-not-read`: the server's reasoning parser did not, either
 * - `call-not-seen`: a `yes`, because requests with tools are accepted; which parser the server has only shows in a call of the model
 * - `thought-not-seen`: the same of its reasoning parser
 */
export type CapabilityCause =
  | "no-tool-parser"
  | "call-not-read"
  | "thought-in-answer"
  | "thought-not-read"
  | "call-not-seen"
  | "thought-not-seen";

/** `probed`: something was seen, and it does not decide. */
export function unknown(evidence: string, source: FactSource = "assumed"): Capability {
  return { status: "unknown", evidence, source };
}

export function yes(evidence: string, source: FactSource = "probed", cause?: CapabilityCause): Capability {
  return { status: "yes", evidence, source, ...(cause === undefined ? {} : { cause }) };
}

export function no(evidence: string, source: FactSource = "probed", cause?: CapabilityCause): Capability {
  return { status: "no", evidence, source, ...(cause === undefined ? {} : { cause }) };
}

/** The same as a value of a profile. */
export function toFact({ status, source, evidence }: Capability): Fact<CapabilityStatus> {
  return { value: status, source, evidence };
}
