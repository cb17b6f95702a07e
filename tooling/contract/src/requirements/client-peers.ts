import type { Requirement } from "./requirement.ts";

const row = (name: string) => `comparison of eight TypeScript clients on a real vLLM 0.32.0, row ${name}`;

/** What at least one widely used client gets wrong on a real vLLM server. */
export const clientPeers = {
  "client/peers-1": {
    behaviour: "Text, emoji and text that looks like server-sent events arrive exactly as the model wrote them.",
    source: row("1"),
    recordings: ["0.32.0/hermes-qwen3/markup-stream", "0.24.0/small/emoji-stream"],
  },
  "client/peers-2a": {
    behaviour: "Reasoning streams as thinking events, typed, and is whole in the message.",
    source: row("2a"),
    recordings: ["0.32.0/hermes-qwen3/hello-stream"],
  },
  "client/peers-2b": {
    behaviour: "An assistant turn that is sent back carries its reasoning as `reasoning`.",
    source: row("2b"),
    recordings: ["0.32.0/hermes-qwen3/history-reasoning"],
  },
  "client/peers-3": {
    behaviour: "One tool call gives its id, name and parsed arguments.",
    source: row("3"),
    recordings: ["0.32.0/hermes-qwen3/tool-one"],
  },
  "client/peers-4": {
    behaviour: "Two parallel tool calls stay apart and keep their order.",
    source: row("4"),
    recordings: ["0.32.0/hermes-qwen3/tool-two"],
  },
  "client/peers-5": {
    behaviour: "A call without arguments has the arguments {}.",
    source: row("5"),
    recordings: ["0.32.0/hermes-qwen3/tool-no-args"],
  },
  "client/peers-6": {
    behaviour: "Nested arguments with unicode, quotes and backslashes are parsed whole.",
    source: row("6"),
    recordings: ["0.32.0/hermes-qwen3/tool-nested"],
  },
  "client/peers-7a": {
    behaviour:
      "A call whose arguments are not JSON, or never end, is marked with a parse error and keeps the model's text.",
    source: row("7a"),
    recordings: ["0.32.0/hermes-qwen3/tool-bad-json", "0.32.0/hermes-qwen3/tool-unclosed"],
  },
  "client/peers-7b": {
    behaviour:
      "A call with broken arguments cannot be taken for a good one by a tool loop, and its message can be sent back.",
    source: row("7b"),
    recordings: ["0.32.0/hermes-qwen3/tool-bad-json", "0.32.0/hermes-qwen3/tool-history-bad-arguments"],
  },
  "client/peers-8a": {
    behaviour: "A budget that was used up inside the thought is finish reason `length` with a warning that says so.",
    source: row("8a"),
    recordings: ["0.32.0/hermes-qwen3/think-length-stream"],
  },
  "client/peers-8b": {
    behaviour: "A call cut by `length` is not a good call, and is told apart from bad JSON.",
    source: row("8b"),
    recordings: ["0.32.0/hermes-qwen3/tool-cut"],
  },
  "client/peers-9": {
    behaviour: "Usage is there without being asked for: prompt, completion, cached and reasoning tokens.",
    source: row("9"),
    recordings: ["0.32.0/flags/hello-stream-cached"],
  },
  "client/peers-10": {
    behaviour: "A tool loop of two turns works with the message that the client gives.",
    source: row("10"),
    recordings: ["0.32.0/hermes-qwen3/tool-history"],
  },
  "client/peers-11": {
    behaviour: "An unknown model is MODEL_NOT_FOUND and names the served models, nearest first.",
    source: row("11"),
    recordings: ["routers/direct/err-model-unknown-plain"],
  },
  "client/peers-12": {
    behaviour: "A server without a tool parser is TOOL_PARSER_NOT_ENABLED and names the two server flags.",
    source: row("12"),
    recordings: ["0.32.0/no-tool-parser/tools-auto-default"],
  },
  "client/peers-13": {
    behaviour:
      "A prompt that is too long is CONTEXT_LENGTH_EXCEEDED with the limit and, where it can be known, the true size.",
    source: row("13"),
    recordings: ["0.32.0/hermes-qwen3/prompt-too-long"],
  },
  "client/peers-14": {
    behaviour: "A server that is not running is SERVER_UNREACHABLE at once, with the address.",
    source: row("14"),
  },
  "client/peers-15": {
    behaviour: "A wrong key is AUTHENTICATION_FAILED and says where the key comes from, never the key.",
    source: row("15"),
    recordings: ["0.32.0/api-key/chat-wrong-key"],
  },
  "client/peers-16a": {
    behaviour: "Aborting by signal throws ABORTED and stops the generation on the server.",
    source: row("16a"),
  },
  "client/peers-16b": {
    behaviour: "Leaving the loop with `break` stops the generation on the server.",
    source: row("16b"),
  },
  "client/peers-17a": {
    behaviour: "A server killed in mid-stream is an error with what had arrived.",
    source: row("17a"),
    recordings: ["0.32.0/killed-api/kill-api-stream"],
  },
  "client/peers-17b": {
    behaviour: "A server stopped by SIGTERM in mid-stream is an error.",
    source: row("17b"),
    recordings: ["0.32.0/lab-dies/terminate-stream"],
  },
  "client/peers-17c": {
    behaviour: "A body that a gateway ends cleanly in the text, without a finish reason, is STREAM_ENDED_EARLY.",
    source: row("17c"),
    recordings: ["malformed/endings/clean-end-in-text"],
  },
  "client/peers-17d": {
    behaviour: "The same inside a call's arguments: an error, and no good call.",
    source: row("17d"),
    recordings: ["malformed/endings/clean-end-in-arguments"],
  },
  "client/peers-18": {
    behaviour: "An engine that dies in mid-stream is ENGINE_FAILED, with a hint at the server's log.",
    source: row("18"),
    recordings: ["0.32.0/hermes-qwen3/kill-engine-stream"],
  },
  "client/peers-19a": {
    behaviour: "A server that falls silent is noticed without any option being set.",
    source: row("19a"),
  },
  "client/peers-19b": {
    behaviour: "The idle limit counts the time between bytes: it ends a stalled stream and never a healthy long one.",
    source: row("19b"),
  },
  "client/peers-20": {
    behaviour: "A zod schema gives a JSON schema on the wire and a validated value, or a typed error with the text.",
    source: row("20"),
    recordings: ["0.32.0/lab/json-schema"],
  },
  "client/peers-21": {
    behaviour: "A picture sent to a model without sight is INPUT_TYPE_NOT_SUPPORTED.",
    source: row("21"),
    recordings: ["0.24.0/small/image-to-text-model"],
  },
  "client/peers-22a": {
    behaviour: "HTML with status 200 is an error that names the address and the content type, not an empty answer.",
    source: row("22a"),
    recordings: ["routers/nginx-default/all-down-plain"],
  },
  "client/peers-22b": {
    behaviour: "An HTML 502 of a proxy is SERVER_ERROR, retried a few times, without the HTML in its text.",
    source: row("22b"),
    recordings: ["routers/nginx-default/all-down-plain"],
  },
  "client/peers-22c": {
    behaviour: "A base URL without /v1 is put right, and a wrong path is WRONG_BASE_URL.",
    source: row("22c"),
    recordings: ["0.32.0/lab/missing-v1"],
  },
  "client/peers-23": {
    behaviour: "vLLM's own request fields are typed, sent as they are, and a misspelt one does not compile.",
    source: row("23"),
  },
  "client/peers-24": {
    behaviour: "The served models can be listed with their context length.",
    source: row("24"),
    recordings: ["0.32.0/tools-hermes/models"],
  },
  "client/peers-25": {
    behaviour: "Tokens are counted by the server's own tokenizer before a request is sent.",
    source: row("25"),
    recordings: ["0.32.0/hermes-qwen3/tokenize-messages-tools"],
  },
  "client/peers-26a": {
    behaviour:
      "`<think>` in the text of a server without a reasoning parser: a warning that names the flag, or thinking when asked to recover.",
    source: row("26a"),
    recordings: ["0.32.0/no-reasoning-parser/hello"],
  },
  "client/peers-26b": {
    behaviour: "`<tool_call>` left in the text: a warning that names the flag, or a recovered call when asked to.",
    source: row("26b"),
    recordings: ["0.32.0/no-tool-parser/leak-tool-call", "0.32.0/leak-qwen-xml/leak-one"],
  },
} as const satisfies Record<string, Requirement>;
