import type { Requirement } from "./requirement.ts";

const issue = "issue: know the truth about a server";
const fact = (number: number) => `wire fact ${number} of real vLLM 0.9.2 to 0.32.0`;

export const discovery = {
  "discovery/explicit-provider-not-probed": {
    behaviour: "An explicit models.providers.vllm skips discovery: no request is made.",
    source: issue,
  },
  "discovery/opt-in": {
    behaviour: "Without VLLM_API_KEY and without an auth profile discovery is off, and the reason says so.",
    source: issue,
  },
  "discovery/last-good-answer": {
    behaviour: "A failed probe and an empty model list never erase models that are known.",
    source: issue,
  },
  "discovery/one-deadline": {
    behaviour: "All questions to a server run at once under one deadline.",
    source: issue,
  },
  "discovery/context-window": {
    behaviour: "The context window is max_model_len; an adapter has that of its parent.",
    source: fact(84),
    recordings: ["0.32.0/hermes-qwen3/after-kill-models"],
  },
  "discovery/aliases": {
    behaviour: "Two entries with one root are one model under two names.",
    source: fact(84),
    recordings: ["0.32.0/multi-name/models"],
  },
  "discovery/router-window": {
    behaviour: "Behind a router the window comes from its own field, else from /tokenize.",
    source: "comparison of routers in front of two real vLLM 0.32.0 servers: /v1/models",
    recordings: ["routers/vllm-router/models", "routers/vllm-router/tokenize"],
  },
  "discovery/not-vllm": {
    behaviour: "Another OpenAI-compatible server, a web server, a login page and nothing are told apart from vLLM.",
    source: issue,
  },
  "discovery/nothing-assumed": {
    behaviour: "Every value says where it comes from, and none comes from the model's name.",
    source: issue,
  },
  "discovery/models-do-not-tell": {
    behaviour: "Sight and tool calling are not read off /v1/models, which never says them.",
    source: fact(89),
    recordings: ["0.32.0/vision/models"],
  },
  "discovery/template-probe": {
    behaviour:
      "The template probe learns tool format, thinking switch and roles from /tokenize and /detokenize without a token generated.",
    source: issue,
  },
  "discovery/key-wrong": {
    behaviour: "A wrong and a missing key are findings with their fix; open routes are one too.",
    source: fact(81),
    recordings: ["0.32.0/api-key/models-wrong-key", "0.32.0/api-key/invocations-no-key"],
  },
  "discovery/engine-dead": {
    behaviour: "A dead engine is found by /health 503 although /v1/models still answers.",
    source: fact(76),
    recordings: ["0.32.0/lab-dies/after-kill-health", "0.32.0/lab-dies/after-kill-models"],
  },
  "discovery/asleep-looks-healthy": {
    behaviour: "A sleeping or paused server is not called ready for chats on the word of /health alone.",
    source: fact(80),
    recordings: ["0.32.0/sleep/health-asleep", "0.32.0/sleep/chat-asleep"],
  },
  "discovery/starting": {
    behaviour: "Refused connections while a server loads are waited for by waitUntilReady.",
    source: fact(79),
  },
  "discovery/wrong-path": {
    behaviour: "A base URL with /v1 missing or doubled is a finding that shows the right one.",
    source: issue,
    recordings: ["0.24.0/small/wrong-path"],
  },
  "discovery/tool-parser-missing": {
    behaviour: "A server without a tool parser is a finding that names the two flags.",
    source: fact(65),
    recordings: ["0.32.0/no-tool-parser/tools-auto-default"],
  },
  "discovery/browser": {
    behaviour: "A server that refuses browsers (0.32 without --allowed-origins) is a finding.",
    source: fact(83),
    recordings: ["0.32.0/hermes-qwen3/options-chat"],
  },
  "discovery/redirect": {
    behaviour: "Credentials never follow a redirect to another origin.",
    source: fact(74),
    recordings: ["0.32.0/hermes-qwen3/models-trailing-slash"],
  },
  "discovery/hostile": {
    behaviour: "A hostile server (huge list, drip, control characters in ids, prototype keys) does no harm.",
    source: issue,
  },
  "discovery/several-servers": {
    behaviour: "One dead server never hides a live one.",
    source: issue,
  },
  "discovery/capacity": {
    behaviour: "Capacity is read from /metrics, which needs no key.",
    source: fact(85),
    recordings: ["0.32.0/api-key/metrics-no-key"],
  },
} as const satisfies Record<string, Requirement>;
