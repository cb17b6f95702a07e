/** What llm-d's endpoint picker (and the gateway API inference extension) reads from a request. */
export interface LlmdRequest {
  /** Name of the `InferenceObjective` whose priority the request has. */
  objective?: string | undefined;
  /** Whose request it is: those with one id share what the fairness policy gives them. */
  fairnessId?: string | undefined;
  /** The model to serve it with, instead of the body's. */
  modelName?: string | undefined;
  /** Wished time to the first token, in ms. */
  ttftMs?: number | undefined;
  /** Wished time for each further token, in ms. */
  tpotMs?: number | undefined;
}

/** Which session of an agent a request belongs to, as NVIDIA Dynamo reads it. */
export interface DynamoSession {
  sessionId: string;
  /** Of the agent that started this one. */
  parentSessionId?: string | undefined;
  /** The session's last request. */
  isFinal?: boolean | undefined;
}

/** The spelling of the gateway API inference extension, and llm-d's own since 0.8: routers ignore names that they do not know. */
const LLMD_NAMES: Readonly<Record<keyof LlmdRequest, readonly string[]>> = {
  objective: ["x-gateway-inference-objective", "x-llm-d-inference-objective"],
  fairnessId: ["x-gateway-inference-fairness-id", "x-llm-d-inference-fairness-id"],
  modelName: ["x-gateway-model-name-rewrite", "x-llm-d-model-name-rewrite"],
  ttftMs: ["x-slo-ttft-ms", "x-llm-d-slo-ttft-ms"],
  tpotMs: ["x-slo-tpot-ms", "x-llm-d-slo-tpot-ms"],
};

/**
 * Headers for llm-d, in both of its spellings: `headers: toLlmdHeaders({ objective: "interactive", fairnessId: "team-a" })`.
 * A conversation's place is `affinity`'s affair.
 */
export function toLlmdHeaders(request: LlmdRequest): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [field, names] of Object.entries(LLMD_NAMES)) {
    const value = request[field as keyof LlmdRequest];
    if (value !== undefined) for (const name of names) headers[name] = String(value);
  }
  return headers;
}

/**
 * Headers for Dynamo: `headers: toDynamoHeaders({ sessionId, parentSessionId })`. Its priority and the expected length of the answer are fields
 * of the body: `extra_body: { nvext: { agent_hints: { priority: 5, osl: 1024 } } }`.
 */
export function toDynamoHeaders({ sessionId, parentSessionId, isFinal }: DynamoSession): Record<string, string> {
  return {
    "x-dynamo-session-id": sessionId,
    ...(parentSessionId === undefined ? {} : { "x-dynamo-parent-session-id": parentSessionId }),
    ...(isFinal === true ? { "x-dynamo-session-final": "true" } : {}),
  };
}
