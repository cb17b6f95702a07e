import type { Requirement } from "./requirement.ts";

const measured = "comparison of routers in front of two real vLLM 0.32.0 servers";

/** What routers and proxies change, and what a client must make of it. */
export const clientRouters = {
  "client/router-error-as-event-stream": {
    behaviour: "A 4xx JSON body labelled text/event-stream is the same error as with its right label.",
    source: `${measured}: vllm-router`,
    recordings: ["routers/vllm-router/err-model-unknown-stream"],
  },
  "client/router-plain-text": {
    behaviour: "A plain-text error is SERVER_ERROR with its words; an inner address in it is no advice to the user.",
    source: `${measured}: vllm-router, all servers down`,
    recordings: ["routers/vllm-router/all-down-plain", "routers/vllm-router/all-down-stream-again"],
  },
  "client/router-empty-body": {
    behaviour: "An error without a body is classified by its status; Retry-After is honoured.",
    source: `${measured}: vllm-router, 429 and 408`,
    recordings: ["routers/vllm-router/limit-concurrency-no-queue", "routers/vllm-router/limit-queue-408"],
  },
  "client/router-broken-stream": {
    behaviour: "The five ways in which a stream breaks behind a router are errors, each with what had arrived.",
    source: `${measured}: broken in mid-stream`,
    recordings: ["routers/vllm-router/mid-stream-fin", "routers/vllm-router/mid-stream-reset"],
  },
  "client/router-abort-finish": {
    behaviour: "Finish reason `abort` is a failure, not an end.",
    source: `${measured}: data parallel, another engine died`,
    recordings: ["malformed/errors/abort-finish"],
  },
  "client/router-retry": {
    behaviour:
      "408, 429, 502, 503 and refused connections are retried, only before the first byte of content; 504 is not: the server may still be at work.",
    source: measured,
  },
  "client/router-affinity": {
    behaviour: "`affinity` sends X-Session-ID, the header by which every router can keep a conversation on one server.",
    source: `${measured}: session affinity`,
  },
  "client/router-tool-parameters": {
    behaviour: "A tool without `parameters` is sent with an empty schema: vllm-router refuses it otherwise.",
    source: `${measured}: request rewriting`,
  },
} as const satisfies Record<string, Requirement>;
