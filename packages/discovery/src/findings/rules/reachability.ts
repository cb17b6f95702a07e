import type { ErrorReason, UnreachableReason } from "@vllm/schema/core";
import type { FindingCode } from "../../report/finding-codes.ts";
import type { FindingRule } from "../finding-rule.ts";

const CODES: Readonly<Record<UnreachableReason, FindingCode> & Partial<Record<ErrorReason, FindingCode>>> = {
  refused: "SERVER_REFUSED",
  dns: "SERVER_NAME_UNKNOWN",
  timeout: "SERVER_TIMEOUT",
  tls: "SERVER_TLS_FAILED",
  proxy: "SERVER_PROXY_FAILED",
  reset: "SERVER_CLOSED_CONNECTION",
  other: "SERVER_UNREACHABLE",
};

export const noAnswer: FindingRule = ({ state, error }) =>
  state === "unreachable" && error !== undefined
    ? [
        {
          code: CODES[error.reason ?? "other"] ?? CODES.other,
          severity: "error",
          message: error.message,
          fix: error.hint,
        },
      ]
    : [];

export const failing: FindingRule = ({ state, kind, access, error, apiRoot }) => {
  if (state === "starting") {
    return [
      {
        code: "SERVER_STARTING",
        severity: "error",
        message: `The server at ${apiRoot} says that it is still loading.`,
        fix: "Wait until it is ready (waitUntilReady does).",
      },
    ];
  }
  if (state !== "unhealthy") return [];
  const status = access.modelsStatus;
  if (kind === "vllm" && status === 200) {
    return [
      {
        code: "ENGINE_DEAD",
        severity: "error",
        message: "/health answers 503 while /v1/models still answers: vLLM's engine process has died.",
        fix: "Snapshot for the cause in the server's log and start it again; run it under something that restarts it.",
      },
    ];
  }
  const says = status === 200 ? "says that it is not healthy" : `answers ${status ?? "nothing"}`;
  const isRouter = kind === "vllm-router" || kind === "production-stack";
  const isIdleRouter = status === 200 && (kind === "litellm" || kind === "ray-serve");
  if (isRouter || isIdleRouter || status === 502 || status === 503) {
    return [
      {
        code: "NO_HEALTHY_SERVER",
        severity: "error",
        message: `The router or proxy at ${apiRoot} ${says}: it has no vLLM server to ask.`,
        fix: "Start the servers behind it, or wait: while a model loads, its server refuses connections.",
      },
    ];
  }
  return [
    {
      code: "SERVER_FAILING",
      severity: "error",
      message: error?.message ?? `The server at ${apiRoot} ${says}.`,
      fix: error?.hint ?? "Snapshot at the server's log.",
    },
  ];
};

export const asleep: FindingRule = ({ state }) =>
  state === "asleep"
    ? [
        {
          code: "SERVER_ASLEEP",
          severity: "error",
          message: "The engine sleeps: /health says 200, and every chat waits without an end.",
          fix: "Wake it with POST /wake_up (needs VLLM_SERVER_DEV_MODE=1 on the server), or start it again.",
        },
      ]
    : [];

const NAMES: Readonly<Record<string, string>> = {
  ollama: "Ollama",
  "llama.cpp": "llama.cpp's server",
  sglang: "SGLang",
  "lm-studio": "LM Studio",
  "openai-compatible": "an OpenAI-compatible server that is not vLLM",
};

export const otherServer: FindingRule = ({ kind, kindEvidence, state, apiRoot, access, error }) => {
  if (access.redirectedTo !== undefined) {
    return [
      {
        code: "REDIRECTED",
        severity: "error",
        message: `${apiRoot} redirects to ${access.redirectedTo}; a key is never sent to another server, so it was not followed.`,
        fix: access.redirectedTo.endsWith("/models")
          ? `If that server is yours, change the base URL to ${access.redirectedTo.slice(0, -"/models".length)}.`
          : "If that server is yours, use its address as the base URL.",
      },
    ];
  }
  if (access.foundAt !== undefined) {
    return [
      {
        code: "WRONG_PATH",
        severity: "error",
        message: `${apiRoot} has no models, but ${access.foundAt} has.`,
        fix: `Change the base URL to ${access.foundAt}.`,
      },
    ];
  }
  const name = NAMES[kind];
  if (name !== undefined && state !== "locked") {
    return [
      {
        code: "NOT_VLLM",
        severity: "warning",
        message: `${apiRoot} is ${name} (${kindEvidence}). Chats may work; what is said here about vLLM does not hold.`,
        fix: "Use a provider that is made for it, or change the base URL to the vLLM server's.",
      },
    ];
  }
  if (state !== "wrong-server") return [];
  if (kind === "login-page") {
    return [
      {
        code: "LOGIN_PAGE",
        severity: "error",
        message: `${apiRoot} is guarded by a login page.`,
        fix: "Use an address that programs can reach, or pass the headers that the gateway requires (headers).",
      },
    ];
  }
  if (kind === "web-page" && error?.code === "WRONG_BASE_URL") {
    return [{ code: "WRONG_PATH", severity: "error", message: error.message, fix: error.hint }];
  }
  if (kind === "web-page") {
    return [
      {
        code: "WEB_PAGE",
        severity: "error",
        message: `A web server answers at ${apiRoot} with a page, not with models.`,
        fix: "Check host, port and path: vllm serve listens on port 8000 unless told otherwise (--port), and a proxy may require a path in front of /v1.",
      },
    ];
  }
  if (access.modelsStatus === 404 || access.modelsStatus === 405) {
    return [
      {
        code: "WRONG_PATH",
        severity: "error",
        message: `An HTTP server answers, but there is no ${apiRoot}/models (${access.modelsStatus}).`,
        fix: "Check the path in front of /v1: it is what --root-path or the proxy says. Without a proxy there is none.",
      },
    ];
  }
  return [
    {
      code: access.listTooLong ? "MODEL_LIST_TOO_LONG" : "MODEL_LIST_UNREADABLE",
      severity: "error",
      message: access.listTooLong
        ? `The answer of ${apiRoot}/models is larger than any list of models.`
        : (error?.message ?? `${apiRoot}/models is not a list of models.`),
      fix: error?.hint ?? "Check the address.",
    },
  ];
};
