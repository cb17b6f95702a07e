import type { Requirement } from "./requirement.ts";

const fact = (number: number) => `wire fact ${number} of real vLLM 0.9.2 to 0.32.0`;

/** What real vLLM sends, and what a client must make of it. */
export const clientWire = {
  "client/wire-1": {
    behaviour: "Events give the same result however the bytes are cut into reads.",
    source: fact(1),
    recordings: ["0.32.0/hermes-qwen3/tool-two"],
  },
  "client/wire-3": {
    behaviour:
      "A head with status 200 and then silence runs into the first-token limit, with words for queued, paused and asleep.",
    source: fact(3),
    recordings: ["0.32.0/sleep/chat-paused-stream"],
  },
  "client/wire-4": {
    behaviour: "`: keep-alive` comments are not events, and count as a sign of life.",
    source: fact(4),
    recordings: ["0.32.0/keep-alive/keep-alive-stream", "0.32.0/keep-alive/pause-in-stream"],
  },
  "client/wire-6": {
    behaviour: "U+2028, U+2029 and U+0085 in the JSON do not end a line.",
    source: fact(6),
    recordings: ["0.32.0/hermes-qwen3/markup-stream"],
  },
  "client/wire-8": {
    behaviour: "Several choices are told apart by their index and never mixed.",
    source: fact(8),
    recordings: ["0.32.0/hermes-qwen3/n2-stream"],
  },
  "client/wire-9": {
    behaviour: "Text, reasoning or arguments in the delta that carries the finish reason are not lost.",
    source: fact(9),
    recordings: ["0.32.0/hermes-qwen3/length-in-content-stream", "0.32.0/hermes-qwen3/think-length-stream"],
  },
  "client/wire-10": {
    behaviour: "Empty deltas open no block.",
    source: fact(10),
    recordings: ["0.32.0/tools-pythonic/tool-one", "0.32.0/hermes-deepseek-r1/say-nothing"],
  },
  "client/wire-11": {
    behaviour: "Usage on every chunk is not added up: the last one counts.",
    source: fact(11),
    recordings: ["0.32.0/hermes-qwen3/continuous-usage", "0.32.0/flags/hello-usage-false-forced"],
  },
  "client/wire-14": {
    behaviour: "A request id that the caller chose is sent, and is part of the answer's id.",
    source: fact(14),
    recordings: ["0.32.0/lab/request-id-header"],
  },
  "client/wire-15": {
    behaviour: "The model in the answer may differ from the one asked for.",
    source: fact(15),
    recordings: ["0.32.0/multi-name/chat-second-name-stream"],
  },
  "client/wire-16": {
    behaviour: "`stop_reason` is passed on, a text or a number.",
    source: fact(16),
    recordings: ["0.32.0/hermes-qwen3/tool-parallel-false", "0.32.0/hermes-qwen3/stop-in-thought-stream"],
  },
  "client/wire-18": {
    behaviour: "One delta with reasoning and content gives the thought first.",
    source: fact(18),
    recordings: ["0.32.0/hermes-qwen3/stream-interval"],
  },
  "client/wire-20": {
    behaviour: "`reasoning`, `reasoning_content`, or both with the same text (0.12.0): one thought, never doubled.",
    source: fact(20),
    recordings: ["0.10.2/small/hello-stream", "0.12.0/engine-dies/tool-required-json"],
  },
  "client/wire-21": {
    behaviour: "Blanks around text and thought are kept as the model wrote them.",
    source: fact(21),
    recordings: ["0.32.0/lab/hello-stream"],
  },
  "client/wire-22": {
    behaviour: "A turn with a thought and no answer, or with nothing, is a `done` that says so (`emptyTurn`).",
    source: fact(22),
    recordings: ["0.24.0/small/think-only", "0.32.0/hermes-qwen3/say-nothing"],
  },
  "client/wire-24": {
    behaviour: "Reasoning that follows content opens another thinking block.",
    source: fact(24),
    recordings: ["0.32.0/lab-glm45/think-twice"],
  },
  "client/wire-28": {
    behaviour: "A thinking budget on a server without a reasoning parser is an error that names the flag.",
    source: fact(28),
    recordings: ["0.32.0/no-tool-parser/thinking-budget"],
  },
  "client/wire-31": {
    behaviour: "A null id or name in a later delta does not overwrite what is known.",
    source: fact(31),
    recordings: ["0.32.0/tools-pythonic/tool-one"],
  },
  "client/wire-32": {
    behaviour: "Null content and null reasoning are not empty texts.",
    source: fact(32),
    recordings: ["0.32.0/hermes-qwen3/tool-include-reasoning-false"],
  },
  "client/wire-33": {
    behaviour: "A call that never had arguments on the wire has the arguments {}.",
    source: fact(33),
    recordings: ["0.10.2/small/tool-no-args", "0.32.0/tools-llama3-json/tool-no-args"],
  },
  "client/wire-34": {
    behaviour: "Blanks and line breaks around the arguments are no error.",
    source: fact(34),
    recordings: ["0.10.2/small/tool-one"],
  },
  "client/wire-35": {
    behaviour: "Two calls with the same id stay two calls: the index decides.",
    source: fact(35),
    recordings: ["0.32.0/lab-kimi-k2/tool-text-between"],
  },
  "client/wire-36": {
    behaviour: "With n: 2 both choices have a call 0, and they are not mixed.",
    source: fact(36),
    recordings: ["0.32.0/hermes-qwen3/tool-n2"],
  },
  "client/wire-37": {
    behaviour: "Text between and after calls is kept, as text.",
    source: fact(37),
    recordings: ["0.32.0/tools-qwen3-coder/tool-then-text", "0.32.0/tools-deepseek-v31/tool-text-between"],
  },
  "client/wire-39": {
    behaviour: "Whether there are calls decides, not the finish reason: a named tool choice ends with `stop`.",
    source: fact(39),
    recordings: ["0.32.0/hermes-qwen3/tool-named"],
  },
  "client/wire-40": {
    behaviour: "Half a call with finish reason `tool_calls` (0.10.2 to 0.30.0) is not a good call.",
    source: fact(40),
    recordings: ["0.10.2/small/tool-cut", "0.24.0/small/tool-cut"],
  },
  "client/wire-43": {
    behaviour: "A cut call whose arguments are {} is not taken for a good call of finish reason `length`.",
    source: fact(43),
  },
  "client/wire-44": {
    behaviour: "Arguments that are JSON but not an object are told as such.",
    source: fact(44),
    recordings: ["0.32.0/hermes-qwen3/tool-string-args"],
  },
  "client/wire-45": {
    behaviour: "A call of a tool that was not offered is told apart, and can be sent back to the model.",
    source: fact(45),
    recordings: ["0.32.0/hermes-qwen3/tool-unknown"],
  },
  "client/wire-46": {
    behaviour: "A call inside a thought is a call or thinking, as the server says, and never both.",
    source: fact(46),
    recordings: ["0.32.0/hermes-qwen3/tool-in-thought", "0.32.0/lab/tool-in-thought"],
  },
  "client/wire-52": {
    behaviour: "`tool_choice: none` with a model that calls all the same is text, with a warning.",
    source: fact(52),
    recordings: ["0.32.0/hermes-qwen3/tool-none"],
  },
  "client/wire-53": {
    behaviour: "Log probabilities and token ids are passed through.",
    source: fact(53),
    recordings: ["0.32.0/hermes-qwen3/logprobs-stream", "0.32.0/hermes-qwen3/tool-return-token-ids"],
  },
  "client/wire-54": {
    behaviour: "An answer that is not streamed gives the same events as a streamed one.",
    source: fact(54),
    recordings: ["0.32.0/hermes-qwen3/tool-two-nonstream", "0.10.2/small/tool-two-nonstream"],
  },
  "client/wire-55": {
    behaviour: "A broken call's arguments are repaired before they are sent back.",
    source: fact(55),
    recordings: ["0.10.2/small/tool-history-bad-arguments", "0.32.0/hermes-qwen3/tool-history-object-arguments"],
  },
  "client/wire-56": {
    behaviour: "Every shape of an error body becomes the right code.",
    source: fact(56),
    recordings: ["0.9.2/old/no-messages", "0.32.0/api-key/chat-wrong-key", "0.24.0/small/wrong-path"],
  },
  "client/wire-58": {
    behaviour: "An error event in a stream with status 200 is an error, although [DONE] follows.",
    source: fact(58),
    recordings: ["0.10.2/small/response-format-bad-schema-stream"],
  },
  "client/wire-59": {
    behaviour: "A streamed request that is refused as plain JSON is the same error as one that is not streamed.",
    source: fact(59),
    recordings: ["0.24.0/small/unknown-model-stream", "0.32.0/hermes-qwen3/prompt-too-long-stream"],
  },
  "client/wire-60": {
    behaviour: "The texts of every version about an unknown model are read.",
    source: fact(60),
    recordings: ["0.24.0/small/unknown-model", "0.32.0/lab/unknown-model"],
  },
  "client/wire-61": {
    behaviour:
      "The numbers of a context overflow are read from the texts of every version; `at least N` is not taken for the size.",
    source: fact(61),
    recordings: [
      "0.10.2/small/prompt-too-long",
      "0.24.0/small/prompt-too-long",
      "0.32.0/hermes-qwen3/prompt-much-too-long",
    ],
  },
  "client/wire-62": {
    behaviour: "A max_tokens that does not fit is lowered to what the server says fits, once, unless told not to.",
    source: fact(62),
    recordings: ["0.24.0/small/overflow-sum", "0.32.0/hermes-qwen3/max-tokens-huge"],
  },
  "client/wire-64": {
    behaviour: "An empty list of tools is never sent.",
    source: fact(64),
    recordings: ["0.32.0/hermes-qwen3/tools-empty"],
  },
  "client/wire-65": {
    behaviour: "Refused required and named tool choices name the missing flag too.",
    source: fact(65),
    recordings: ["0.32.0/no-tool-parser/tools-required", "0.32.0/no-tool-parser/tools-named"],
  },
  "client/wire-66": {
    behaviour: "`stream_options` are sent with streamed requests only.",
    source: fact(66),
    recordings: ["0.32.0/hermes-qwen3/stream-options-not-stream"],
  },
  "client/wire-68": {
    behaviour: "A picture that the model cannot see is recognised in the words of every version.",
    source: fact(68),
    recordings: [
      "0.10.2/small/image-to-text-model",
      "0.24.0/small/image-to-text-model",
      "0.32.0/lab/image-to-text-model",
    ],
  },
  "client/wire-69": {
    behaviour: "A template that refuses is CHAT_TEMPLATE_REJECTED with the template's own words.",
    source: fact(69),
    recordings: ["0.24.0/small/system-second"],
  },
  "client/wire-72": {
    behaviour: "A schema error does not show the request in the error's text or JSON.",
    source: fact(72),
    recordings: ["0.24.0/small/no-messages", "0.10.2/small/content-null"],
  },
  "client/wire-75": {
    behaviour: "A dead engine is told from a bad request although old versions call it BadRequestError 400.",
    source: fact(75),
    recordings: ["0.32.0/hermes-qwen3/kill-engine-stream"],
  },
  "client/wire-76": {
    behaviour: "The 500 of a dead engine is ENGINE_FAILED, streamed or not.",
    source: fact(76),
    recordings: ["0.32.0/lab-dies/after-kill-chat", "0.32.0/lab-dies/after-kill-chat-stream"],
  },
  "client/wire-77": {
    behaviour: "A connection that ends without the last chunk and without [DONE] is STREAM_ENDED_EARLY.",
    source: fact(77),
    recordings: ["0.32.0/killed-api/kill-api-stream"],
  },
  "client/wire-78": {
    behaviour: "After an abort the server's count of running requests is 0 again.",
    source: fact(78),
  },
  "client/wire-81": {
    behaviour: "The key goes with requests to this server only, and only as `Authorization: Bearer`.",
    source: fact(81),
    recordings: ["0.32.0/api-key/chat-right-key"],
  },
  "client/wire-90": {
    behaviour: "A 500 that is the request's own fault (a picture that cannot be reached) is not retried.",
    source: fact(90),
    recordings: ["0.32.0/vision/image-http-unreachable", "0.32.0/vision/image-file"],
  },
  "client/wire-93": {
    behaviour: "Text that was cut in a character is passed on as it came.",
    source: fact(93),
    recordings: ["0.32.0/hermes-qwen3/emoji-cut"],
  },
  "client/wire-94": {
    behaviour: "Structured output cut by max_tokens is an error that says that it was cut.",
    source: fact(94),
    recordings: ["0.32.0/lab/json-schema-cut"],
  },
} as const satisfies Record<string, Requirement>;
