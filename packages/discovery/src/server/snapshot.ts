import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { NOT_ASKED } from "../http/probe-outcome.ts";

/** The questions of one probe at a server, by name. */
export const QUESTIONS = {
  /** With the credentials there are. */
  models: "/v1/models",
  /** The same without any; not asked when there are none. */
  modelsWithoutKey: "/v1/models",
  version: "/version",
  metrics: "/metrics",
  /** Asked as a web page would, with an Origin; where that is refused, once more without. */
  health: "/health",
  /** vllm-router. */
  readiness: "/readiness",
  /** LiteLLM. Its `/health` would send a chat to every server behind it. */
  liveliness: "/health/liveliness",
  /** Ray Serve. */
  healthz: "/-/healthz",
  /** Marks of servers that are not vLLM. */
  front: "/",
  ollamaVersion: "/api/version",
  /** The list at the server's root, when the address has a path in front of `/v1`. */
  modelsAtRoot: "/v1/models",
  /** A route that answers whole chats and that vLLM's key does not guard. */
  invocations: "/invocations",
  openapi: "/openapi.json",
} as const;

export type QuestionName = keyof typeof QUESTIONS;

/** What became of the questions. */
export type Snapshot = Readonly<Record<QuestionName, ProbeOutcome>>;

export function createSnapshot(outcomes: Readonly<Partial<Record<QuestionName, ProbeOutcome>>>): Snapshot {
  const names = Object.keys(QUESTIONS) as QuestionName[];
  return Object.fromEntries(names.map((name) => [name, outcomes[name] ?? NOT_ASKED])) as Snapshot;
}
