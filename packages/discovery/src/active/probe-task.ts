import type { ProbeHttp } from "../http/create-probe-http.ts";
import { jsonOf } from "../http/probe-outcome.ts";
import type { DiscoveredModel, ModelTask } from "../report/server-report.ts";
import { tokensOf } from "./dry-run.ts";

/** What a short request to a model that does not chat showed. */
export interface TaskSeen {
  task: ModelTask;
  evidence: string;
}

interface TaskQuestion {
  task: ModelTask;
  /** Below the server's root. */
  path: string;
  body: Readonly<Record<string, unknown>>;
  /** An answer → what it holds, in words; undefined when it is none. */
  read(answer: unknown): string | undefined;
}

/** The routes of vLLM's pooling models, from 0.9.2 to 0.32.0. Sound is not sent: the route alone tells a transcription model. */
const TASK_QUESTIONS: readonly TaskQuestion[] = [
  {
    task: "embedding",
    path: "/v1/embeddings",
    body: { input: "Hello" },
    read: (answer) => {
      const vector = firstOf(answer, "data")?.["embedding"];
      return Array.isArray(vector) ? `a vector of ${vector.length} numbers` : undefined;
    },
  },
  {
    task: "rerank",
    path: "/v1/rerank",
    body: { query: "Hello", documents: ["Hello"] },
    read: (answer) => (typeof firstOf(answer, "results")?.["relevance_score"] === "number" ? "a score" : undefined),
  },
  {
    task: "classification",
    path: "/classify",
    body: { input: "Hello" },
    read: (answer) => {
      const classes = firstOf(answer, "data")?.["num_classes"];
      return typeof classes === "number" ? `${classes} classes` : undefined;
    },
  },
];

/** Asks a model that does not chat for what its route says, or, where no route tells, for one thing after the other. */
export async function probeTask(
  http: ProbeHttp,
  roots: { apiRoot: string; serverRoot: string },
  model: DiscoveredModel,
): Promise<{ seen: TaskSeen | undefined; tokens: number }> {
  let tokens = 0;
  for (const { task, path, body, read } of TASK_QUESTIONS) {
    if (model.task !== "unknown" && model.task !== task) continue;
    const url = path.startsWith("/v1/") ? `${roots.apiRoot}${path.slice(3)}` : `${roots.serverRoot}${path}`;
    const outcome = await http.ask(url, { method: "POST", json: { model: model.id, ...body } });
    tokens += tokensOf(outcome);
    const answer = read(jsonOf(outcome));
    if (answer !== undefined) return { seen: { task, evidence: `POST ${path} answered ${answer}` }, tokens };
  }
  return { seen: undefined, tokens };
}

function firstOf(answer: unknown, list: string): Readonly<Record<string, unknown>> | undefined {
  const entries = (answer as Readonly<Record<string, unknown>> | null | undefined)?.[list];
  const first: unknown = Array.isArray(entries) ? entries[0] : undefined;
  return typeof first === "object" && first !== null ? (first as Readonly<Record<string, unknown>>) : undefined;
}
