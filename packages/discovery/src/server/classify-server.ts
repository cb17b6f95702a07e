import type { ProbeAnswer, ProbeOutcome } from "../http/probe-outcome.ts";
import { jsonOf, statusOf } from "../http/probe-outcome.ts";
import { readModelList } from "../models/read-model-list.ts";
import type { Snapshot, QuestionName } from "./snapshot.ts";
import type { ServerKind, ServerState } from "../report/server-report.ts";

/** What answers at the address, and the mark that says so. */
export interface ServerVerdict {
  kind: ServerKind;
  evidence: string;
  state: ServerState;
  healthy: boolean;
}

/** Outcomes → verdict. Pure: marks only, never the text of a model's name, and an outage is no verdict about the kind. */
export function classifyServer(snapshot: Snapshot): ServerVerdict {
  const { kind, evidence } = recognize(snapshot);
  const state = stateOf(kind, snapshot);
  return { kind, evidence, state, healthy: state === "ready" };
}

function recognize(snapshot: Snapshot): { kind: ServerKind; evidence: string } {
  const outcomes = Object.values(snapshot);
  const answers = outcomes.filter((outcome) => outcome.kind === "answer");
  const redirect = outcomes.find((outcome) => outcome.kind === "redirect");
  if (answers.length === 0 && redirect === undefined) {
    return { kind: "nothing", evidence: "no question got an HTTP answer" };
  }
  for (const { kind, find } of MARKS) {
    const evidence = find(snapshot, answers);
    if (evidence !== undefined) return { kind, evidence };
  }
  if (redirect !== undefined && !redirect.isHome)
    return { kind: "login-page", evidence: "it redirects to another address" };
  return { kind: "other-http", evidence: "no answer holds a mark that we know" };
}

interface Mark {
  kind: ServerKind;
  find(snapshot: Snapshot, answers: readonly ProbeAnswer[]): string | undefined;
}

// In this order: what stands in front of vLLM first, because vLLM's own marks shine through it.
const MARKS: readonly Mark[] = [
  {
    kind: "vllm-router",
    find: ({ health, models }) =>
      bodyMatches(health, /^(All servers healthy|Unhealthy servers: )/)
        ? "/health answers in vllm-router's words"
        : bodyMatches(models, /^(No workers are currently available|No available workers)/)
          ? "/v1/models answers in vllm-router's words"
          : undefined,
  },
  {
    kind: "litellm",
    find: ({ models, liveliness }, answers) =>
      answers.some((answer) => answer.headers["x-litellm-version"] !== undefined)
        ? "answers carry an x-litellm-version header"
        : hasWindowField(models, "max_input_tokens")
          ? "/v1/models has max_input_tokens"
          : bodyMatches(liveliness, /^"I'm alive!"$/)
            ? "/health/liveliness answers in LiteLLM's words"
            : bodyMatches(models, /"type":"auth_error"/) || isUnknownToLiteLlm(models)
              ? "/v1/models refuses in LiteLLM's words"
              : undefined,
  },
  {
    kind: "ray-serve",
    find: ({ models }) =>
      hasWindowField(models, "metadata.") ? "/v1/models has metadata.max_request_context_length" : undefined,
  },
  { kind: "sglang", find: ({ models, metrics }) => ownedBy(models, "sglang") ?? metricsOf(metrics, "sglang") },
  {
    kind: "llama.cpp",
    find: ({ models }, answers) =>
      answers.some((answer) => answer.headers["server"] === "llama.cpp")
        ? "answers carry Server: llama.cpp"
        : ownedBy(models, "llamacpp"),
  },
  {
    kind: "ollama",
    find: ({ models, front, version }) =>
      bodyMatches(front, /^Ollama is running/)
        ? "/ says Ollama is running"
        : bodyMatches(version, /^404 page not found/)
          ? ownedBy(models, "library")
          : undefined,
  },
  {
    kind: "lm-studio",
    find: (_snapshot, answers) =>
      answers.some((answer) => answer.body.startsWith('{"error":"Unexpected endpoint or method. (GET '))
        ? "unknown routes are answered in LM Studio's words"
        : undefined,
  },
  {
    kind: "production-stack",
    find: ({ models, health }) =>
      isProductionStackHealth(health) && readModelList(jsonOf(models)) !== undefined
        ? '/health says {"status": "healthy"}, as production-stack\'s router does'
        : undefined,
  },
  { kind: "vllm", find: ({ models, metrics }) => ownedBy(models, "vllm") ?? metricsOf(metrics, "vllm") },
  {
    kind: "vllm",
    find: ({ models, version }) =>
      statusOf(models) === 401 &&
      bodyMatches(models, /^\{"error":"Unauthorized"\}$/) &&
      readVersion(version) !== undefined
        ? "/version answers, and /v1/models refuses in vLLM's words"
        : undefined,
  },
  {
    kind: "openai-compatible",
    find: ({ models }) => (readModelList(jsonOf(models)) === undefined ? undefined : "/v1/models is a list of models"),
  },
  {
    kind: "locked",
    find: ({ models }) => {
      const status = statusOf(models);
      return status === 401 || status === 403 ? `/v1/models answers ${status}` : undefined;
    },
  },
  {
    kind: "login-page",
    find: ({ models }) =>
      isHtml(models) && /type=["']?password|\b(sign|log)[ -]?in\b/i.test(models.body)
        ? "/v1/models is a web page that asks to log in"
        : undefined,
  },
  {
    kind: "web-page",
    find: ({ models, front }) =>
      isHtml(models) && models.status < 500
        ? "/v1/models is a web page"
        : isHtml(front) && front.status < 500 && statusOf(models) === 404
          ? "/ is a web page, and there is no /v1/models"
          : undefined,
  },
];

function bodyMatches(outcome: ProbeOutcome, pattern: RegExp): boolean {
  return outcome.kind === "answer" && pattern.test(outcome.body.trim());
}

/** LiteLLM without a database answers 400 to a key that is not its own. */
function isUnknownToLiteLlm(models: ProbeOutcome): boolean {
  return bodyMatches(models, /"type":"no_db_connection"/);
}

function isProductionStackHealth(health: ProbeOutcome): boolean {
  const body = jsonOf(health);
  return typeof body === "object" && body !== null && (body as { status?: unknown }).status === "healthy";
}

function hasWindowField(models: ProbeOutcome, field: string): boolean {
  return readModelList(jsonOf(models))?.models.some((model) => model.window?.field.startsWith(field)) ?? false;
}

function ownedBy(models: ProbeOutcome, owner: string): string | undefined {
  return readModelList(jsonOf(models))?.models.some((model) => model.ownedBy === owner)
    ? `/v1/models says owned_by "${owner}"`
    : undefined;
}

function metricsOf(metrics: ProbeOutcome, prefix: string): string | undefined {
  return metrics.kind === "answer" && metrics.status === 200 && `\n${metrics.body}`.includes(`\n${prefix}:`)
    ? `/metrics has ${prefix}: lines`
    : undefined;
}

function isHtml(outcome: ProbeOutcome): outcome is ProbeAnswer {
  return outcome.kind === "answer" && /^\s*<(!doctype|html|head|body)/i.test(outcome.body);
}

/** `/version` of vLLM: a JSON object with a version text. */
export function readVersion(version: ProbeOutcome): string | undefined {
  const value = (jsonOf(version) as { version?: unknown } | null | undefined)?.version;
  return typeof value === "string" && /^[\w.+-]{1,64}$/.test(value) ? value : undefined;
}

/** Where each router tells whether it can be used; the others have `/health`. */
const HEALTH: Readonly<Partial<Record<ServerKind, QuestionName>>> = {
  // Its /health is 503 as soon as one of its servers is down; /readiness is 503 when all are.
  "vllm-router": "readiness",
  litellm: "liveliness",
  "ray-serve": "healthz",
};

function stateOf(kind: ServerKind, snapshot: Snapshot): ServerState {
  const { models } = snapshot;
  const modelsStatus = statusOf(models);
  if (kind === "nothing" || models.kind === "network") return "unreachable";
  if (modelsStatus === 401 || modelsStatus === 403 || isUnknownToLiteLlm(models)) return "locked";
  if (kind === "web-page" || kind === "login-page") return "wrong-server";
  if (kind === "llama.cpp" && modelsStatus === 503) return "starting";
  if (models.kind === "timeout") return "unhealthy";
  // A gateway that is full says 429 or 408.
  if (modelsStatus !== undefined && (modelsStatus >= 500 || modelsStatus === 429 || modelsStatus === 408))
    return "unhealthy";
  if (readModelList(jsonOf(models)) === undefined) return "wrong-server";
  return statusOf(snapshot[HEALTH[kind] ?? "health"]) === 503 ? "unhealthy" : "ready";
}
