import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import type { VllmError, VllmErrorCode } from "../src/core.ts";
import { errorFromResponse, errorFromStreamEvent, FACTS_OF_CODE } from "../src/core.ts";

/** What a server said → what a person is told. `URL` stands for the address that was asked. */
interface Row {
  /** The server's words: a part of the body. */
  says: RegExp;
  status: number | "stream";
  /** Method and path, where the words alone do not decide; " with a key" behind it when the request had an Authorization header. */
  asked?: RegExp;
  code: VllmErrorCode;
  message: string;
  hint: string;
  facts?: Record<string, unknown>;
}

const REFUSED_AGAIN = "sent again as it is, the request is refused again.";
const SHORTEN = "Shorten the conversation, or start the server with a larger --max-model-len.";
const FEWER =
  "Ask for fewer output tokens (max_tokens), or leave max_tokens out: vLLM then uses the room that is left.";
const FEWER_OR_SHORTER =
  "Ask for fewer output tokens (max_tokens), or shorten the conversation: vLLM stopped counting, so the prompt may be longer.";
const SERVER_BEHIND = "The server behind it is down, loading or restarting: look at its log and try again.";
const START_WITH_TOOLS = "vllm serve <model> --enable-auto-tool-choice --tool-call-parser <parser>";

const invalid = (status: number | "stream", says: RegExp, message: string, hint = REFUSED_AGAIN): Row => ({
  says,
  status,
  code: "INVALID_REQUEST",
  message,
  hint,
});
const refused = (
  status: number,
  says: RegExp,
  message: string,
  hint = `Correct what is named: ${REFUSED_AGAIN}`,
): Row => invalid(status, says, `The server refused the request (${status}): ${message}`, hint);
const tooLong = (says: RegExp, message: string, hint: string, facts: Record<string, unknown>): Row => ({
  says,
  status: 400,
  code: "CONTEXT_LENGTH_EXCEEDED",
  message,
  hint,
  facts,
});
const unreachable = (status: number, says: RegExp): Row => ({
  says,
  status,
  code: "SERVER_ERROR",
  message: `A router or proxy could not reach a vLLM server behind it (${status} from URL).`,
  hint: SERVER_BEHIND,
  facts: { isRetryable: true },
});
const medium = (status: number, says: RegExp, message: string, hint: string): Row => ({
  says,
  status,
  code: "INPUT_TYPE_NOT_SUPPORTED",
  message,
  hint,
  facts: { isRetryable: false },
});
const template = (says: RegExp, message: string, hint: string): Row => ({
  says,
  status: 400,
  code: "CHAT_TEMPLATE_REJECTED",
  message,
  hint,
});
const noParser = (says: RegExp, message: string): Row => ({
  says,
  status: 400,
  code: "TOOL_PARSER_NOT_ENABLED",
  message,
  hint: START_WITH_TOOLS,
});
const notServed = (says: RegExp, message: string, hint: string, facts: Record<string, unknown>): Row => ({
  says,
  status: 404,
  code: "MODEL_NOT_FOUND",
  message,
  hint,
  facts,
});
const wrongRoute = (asked: RegExp, hint: string): Row => ({
  says: /^$|\{"detail":"Not Found"\}/,
  status: 404,
  asked,
  code: "WRONG_BASE_URL",
  message: "URL is not a route of this server (404).",
  hint,
});

const ROWS: readonly Row[] = [
  // The prompt and the output do not fit, by version.
  tooLong(
    /requested 100016 tokens \(16 in the messages, 100000 in the completion\)/,
    "The prompt has 16 tokens, 100000 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER,
    { maxModelLen: 4096, promptTokens: 16, requestedTokens: 100000 },
  ),
  tooLong(
    /requested 4106 tokens \(16 in the messages, 4090 in the completion\)/,
    "The prompt has 16 tokens, 4090 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER,
    { maxModelLen: 4096, promptTokens: 16, requestedTokens: 4090 },
  ),
  tooLong(
    /is too large: 100000\. This model's maximum context length is 4096 tokens and your request has 16/,
    "The prompt has 16 tokens, 100000 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER,
    { maxModelLen: 4096, promptTokens: 16, requestedTokens: 100000 },
  ),
  tooLong(
    /is too large: 4090\. This model's maximum context length is 4096 tokens and your request has 16/,
    "The prompt has 16 tokens, 4090 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER,
    { maxModelLen: 4096, promptTokens: 16, requestedTokens: 4090 },
  ),
  tooLong(
    /However, your request has 10015 input tokens/,
    "The prompt has 10015 tokens, and the model's window is 4096 tokens.",
    SHORTEN,
    { maxModelLen: 4096, promptTokens: 10015, promptTokensAtLeast: undefined, requestedTokens: undefined },
  ),
  tooLong(
    /you requested 600 output tokens and your prompt contains at least 3497/,
    "The prompt has at least 3497 tokens, 600 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER_OR_SHORTER,
    { maxModelLen: 4096, promptTokens: 3497, promptTokensAtLeast: true, requestedTokens: 600 },
  ),
  tooLong(
    /you requested 4090 output tokens and your prompt contains at least 7/,
    "The prompt has at least 7 tokens, 4090 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER_OR_SHORTER,
    { maxModelLen: 4096, promptTokens: 7, promptTokensAtLeast: true, requestedTokens: 4090 },
  ),
  tooLong(
    /you requested 0 output tokens and your prompt contains at least 4097/,
    "The prompt has at least 4097 tokens, and the model's window is 4096 tokens.",
    SHORTEN,
    { maxModelLen: 4096, promptTokens: 4097, promptTokensAtLeast: true, requestedTokens: undefined },
  ),
  ...[4096, 32768].flatMap((window) => [
    tooLong(
      new RegExp(`your prompt contains at least ${window + 1} input tokens, which exceeds this limit`),
      `The prompt has at least ${window + 1} tokens, and the model's window is ${window} tokens.`,
      SHORTEN,
      { maxModelLen: window, promptTokens: window + 1, promptTokensAtLeast: true },
    ),
    tooLong(
      new RegExp(
        `max_(?:completion_)?tokens=100000 cannot be greater than max_model_len=(max_total_tokens=)?${window}\\.`,
      ),
      `100000 output tokens were asked for, and the model's window is ${window} tokens.`,
      FEWER,
      { maxModelLen: window, promptTokens: undefined, requestedTokens: 100000 },
    ),
  ]),
  tooLong(
    /max_tokens=5000 cannot be greater than max_model_len=4096/,
    "5000 output tokens were asked for, and the model's window is 4096 tokens.",
    FEWER,
    { maxModelLen: 4096, promptTokens: undefined, requestedTokens: 5000 },
  ),
  ...(
    [
      [1_020_050, 4096],
      [2_000_050, 4096],
      [1_000_049, 32768],
    ] as const
  ).map(([characters, window]) =>
    tooLong(
      new RegExp(`context length is ${window} tokens. However, your prompt contains ${characters} characters`),
      `The prompt has ${characters} characters, more than can fit, and the model's window is ${window} tokens.`,
      SHORTEN,
      { maxModelLen: window, promptTokens: undefined },
    ),
  ),

  // Tools.
  noParser(
    /"auto" tool choice requires --enable-auto-tool-choice/,
    "The server was started without tool calling, and the request has tools.",
  ),
  noParser(
    /tool_choice=.* requires --tool-call-parser/,
    "The server was started without a tool call parser, and the request demands a tool call (tool_choice).",
  ),
  invalid(400, /`tools` must not be an empty array/, "The list of tools is empty.", "Leave tools out"),
  invalid(400, /`tools` must be set/, "tool_choice was set, and there are no tools.", "leave tool_choice out"),
  invalid(
    400,
    /does not match any of the specified `tools`/,
    "tool_choice names a tool that is not among the tools of the request.",
    "exactly as it is spelled",
  ),
  invalid(
    400,
    /Invalid value for `tool_choice`: (sometimes|banana|5)!|in `tool_choice`! Correct usage/,
    "tool_choice has a value that the server does not know.",
    `"auto", "none", "required"`,
  ),
  invalid(
    400,
    /Expecting value: line 1 column \d/,
    "The history holds a tool call whose arguments are not JSON, and this version of vLLM cannot take that.",
    "Repair the arguments",
  ),
  {
    says: /Expecting property name enclosed in double quotes/,
    status: "stream",
    code: "SERVER_ERROR",
    message: "vLLM could not read the tool call that the model wrote. The request itself is right.",
    hint: "--tool-call-parser <parser>, or upgrade it",
    facts: { isRetryable: false },
  },

  // Media.
  medium(
    400,
    /is not a multimodal model/,
    "The model takes text only, and the request holds an image, sound or video.",
    "serve a model that can see",
  ),
  medium(
    400,
    /At most 0 audio/,
    "The model takes no audio input, or the server was started with it switched off.",
    `--limit-mm-per-prompt '{"audio": 1}'`,
  ),
  medium(
    400,
    /At most 0 video/,
    "The model takes no video input, or the server was started with it switched off.",
    `--limit-mm-per-prompt '{"video": 1}'`,
  ),
  medium(400, /At most 1 image/, "The server takes at most 1 image input(s) in one prompt.", "Send at most 1."),
  medium(
    400,
    /content part type: 'file'/,
    `The server does not know content parts of type "file".`,
    "Send the content as text, image_url",
  ),
  medium(
    400,
    /Failed to load image|Non-base64 digit|multi_modal_data\['image'\]\[0\] is empty/,
    "The server could not read the image, sound or video of the request.",
    "data:<media type>;base64,<data>",
  ),
  medium(
    422,
    /Failed to fetch media from URL: HTTP 404/,
    "The server could not fetch the image, sound or video: its address answered 404.",
    "data: URL",
  ),
  medium(
    500,
    /"Cannot connect to host/,
    "The server could not fetch the image, sound or video from its address.",
    "one that the server itself can reach",
  ),
  medium(
    500,
    /Cannot load local files/,
    "The server does not read media from its own disk.",
    "--allowed-local-media-path <folder>",
  ),

  // Templates.
  template(
    /System message must be at the beginning\./,
    "The model's chat template refused the messages: System message must be at the beginning.",
    "one system message at the beginning",
  ),
  template(
    /list index out of range|empty conversation/,
    "The model's chat template cannot render a conversation without messages.",
    "Send at least one user message.",
  ),

  // Models.
  notServed(
    /The model `(gpt-4o|nope)` does not exist\."/,
    `The model "ASKED" is not served here.`,
    "GET /v1/models lists the served ids; the id is what --served-model-name says.",
    { availableModels: undefined, suggestion: undefined },
  ),
  ...["tiny", "lab/tiny"].map((served) =>
    notServed(
      new RegExp(`The model \`(gpt-4o|nope)\` does not exist. Valid aliases: ${served}\\.`),
      `The model "ASKED" is not served here. Served: ${served}.`,
      `Use "${served}", the only model that is served.`,
      { availableModels: [served], suggestion: served },
    ),
  ),
  notServed(
    /Valid aliases: tiny, tiny-alias\./,
    `The model "ASKED" is not served here. Served: tiny, tiny-alias.`,
    `Did you mean "tiny"?`,
    { availableModels: ["tiny", "tiny-alias"], suggestion: "tiny" },
  ),
  refused(404, /The lora adapter 'l2' cannot be found/, "The lora adapter 'l2' cannot be found."),
  refused(
    400,
    /does not support Matryoshka embeddings/,
    "Model 'lab/tiny' does not support Matryoshka embeddings; dimensions must be unset (received dimensions=8).",
  ),

  // Schema.
  refused(400, /JSON decode error/, "the body is not JSON"),
  refused(
    400,
    /^[^}]*'loc': (\('body', 'messages'\)|'body.messages'), 'msg': 'Field required'/,
    "messages: Field required",
    `Correct messages: ${REFUSED_AGAIN}`,
  ),
  refused(
    400,
    /^[^}]*'loc': 'body.messages', 'msg': 'Input should be a valid list'/,
    "messages: Input should be a valid list",
    "Correct messages:",
  ),
  refused(400, /'loc': (\('body',\)|'body'), 'msg': 'Field required'/, "body: Field required"),
  refused(
    400,
    /^[^}]*'model_attributes_type', 'loc': (\('body',\)|'body')/,
    "body: Input should be a valid dictionary or object to extract fields from",
  ),
  refused(
    400,
    /^[^}]*ChatCompletionDeveloperMessageParam.{1,4}content[^}]*'msg': 'Input should be a valid string'/,
    "messages.0.content: Input should be a valid string",
    "Correct messages.0.content:",
  ),
  refused(
    400,
    /^[^}]*ChatCompletionDeveloperMessageParam\.role', 'msg': "Input should be 'developer'", 'input': '5'/,
    "messages.0.role: no value that is accepted",
    "Correct messages.0.role:",
  ),
  refused(
    400,
    /'body.0.ChatCompletionMessageFunctionToolCallParam.function', 'msg': 'Input should be a valid string'/,
    "tool_calls.0.function: Input should be a valid string",
    "Correct tool_calls.0.function:",
  ),
  refused(
    400,
    /'loc': (\('body', 'stop', 'str'\)|'body.stop')/,
    "stop: Input should be a valid string",
    "Correct stop:",
  ),
  refused(400, /^[^}]*'loc': 'body.prompt', 'msg': 'Field required'/, "prompt: Field required", "Correct prompt:"),
  refused(
    400,
    /^[^}]*'loc': 'body.temperature'/,
    "temperature: Input should be a valid number, unable to parse string as a number",
    "Correct temperature:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body.reasoning_effort'/,
    "reasoning_effort: Input should be 'none', 'minimal', 'low', 'medium', 'high', 'xhigh' or 'max'",
    "Correct reasoning_effort:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body.response_format.type'/,
    "response_format.type: Input should be 'text', 'json_object' or 'json_schema'",
    "Correct response_format.type:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body.tools.0.function.parameters'/,
    "tools.0.function.parameters: Input should be a valid dictionary",
    "Correct tools.0.function.parameters:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body.tools.0.function', 'msg': 'Field required', 'input': '<dict of 1 items>'}"/,
    "tools.0.function: Field required",
    "Correct tools.0.function:",
  ),
  refused(400, /^[^}]*'loc': 'body.tools.0.type'/, "tools.0.type: Input should be 'function'", "Correct tools.0.type:"),
  refused(
    400,
    /1 validation error for ChatCompletionContentPartImageParam/,
    "image_url: Input should be a valid dictionary",
    "Correct image_url:",
  ),
  refused(
    400,
    /Failed to parse the request body as JSON/,
    "Failed to parse the request body as JSON: EOF while parsing a value at line 1 column 18",
  ),
  invalid(
    422,
    /Failed to deserialize the JSON body into the target type: messages: invalid type: string "x", expected a sequence/,
    "The router refused the request: messages: expected a sequence.",
    "vllm-router is stricter than vLLM itself",
  ),
  invalid(400, /Unsupported Media Type/, "The request was not sent as JSON.", "content-type: application/json"),

  // Parameters.
  invalid(
    400,
    /Stream options can only be defined when/,
    "stream_options was sent without stream: true.",
    "leave stream_options out",
  ),
  invalid(
    400,
    /n must be 1 when using greedy sampling/,
    "Several answers (n above 1) were asked for with temperature 0, where all would be the same.",
    "Set temperature above 0, or n to 1.",
  ),
  refused(400, /n must be at least 1, got 0/, "n must be at least 1, got 0."),
  refused(400, /max_tokens must be at least 1, got 0\."/, "max_tokens must be at least 1, got 0."),
  ...["0", "-1"].map((value) =>
    refused(
      400,
      new RegExp(`max_tokens must be at least 1, got ${value}\\. \\(`),
      `max_tokens must be at least 1, got ${value}.`,
      "Correct max_tokens:",
    ),
  ),
  refused(400, /temperature must be non-negative, got -1\.0\."/, "temperature must be non-negative, got -1.0."),
  refused(
    400,
    /temperature must be non-negative, got -1\.0\. \(/,
    "temperature must be non-negative, got -1.0.",
    "Correct temperature:",
  ),
  refused(400, /top_p must be in \(0, 1\], got 2\.0/, "top_p must be in (0, 1], got 2.0.", "Correct top_p:"),
  refused(400, /stop cannot contain an empty string/, "stop cannot contain an empty string."),
  refused(400, /data_parallel_rank 999999 is out of range/, "data_parallel_rank 999999 is out of range [0, 1)."),
  refused(
    400,
    /logprobs of 50, which is is greater/,
    "Requested sample logprobs of 50, which is is greater than max allowed: 20",
  ),
  ...[50, 640].map((count) =>
    refused(
      400,
      new RegExp(`logprobs of ${count}, which is greater`),
      `Requested sample logprobs of ${count}, which is greater than max allowed: 20`,
      "Correct logprobs:",
    ),
  ),
  refused(
    400,
    /`logprobs` must be set to true/,
    "when using `top_logprobs`, `logprobs` must be set to true.",
    "Correct top_logprobs:",
  ),
  refused(
    400,
    /\[999999\] in logit_bias contain out-of-vocab/,
    "token_id(s) [999999] in logit_bias contain out-of-vocab token ids. Vocabulary size: 640",
    "Correct logit_bias:",
  ),
  refused(
    400,
    /one kind of constraints/,
    "You can only use one kind of constraints for structured outputs ('json', 'regex' or 'choice').",
  ),
  refused(
    400,
    /Cannot set both `continue_final_message`/,
    "Cannot set both `continue_final_message` and `add_generation_prompt` to True.",
  ),
  refused(
    400,
    /'my-lora' has already been loaded/,
    "The lora adapter 'my-lora' has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True.",
  ),
  ...([400, "stream"] as const).map((status) =>
    invalid(
      status,
      /Grammar error: Invalid type: banana/,
      "The server cannot turn the schema or grammar of the request into constraints: Grammar error: Invalid type: banana",
      "Simplify the JSON schema",
    ),
  ),
  invalid(
    400,
    /thinking_token_budget is set but reasoning_config is not configured/,
    "The server was started without a reasoning parser, so it cannot limit the model's thinking (thinking_token_budget).",
    "--reasoning-parser <parser>",
  ),
  invalid(
    400,
    /Chat template is passed with request/,
    "The server refused the request: Chat template is passed with request, but --trust-request-chat-template is not set. Refused request with untrusted chat template.",
    "Start the server with --trust-request-chat-template",
  ),
  invalid(
    400,
    /TextEncodeInput must be/,
    "The server's tokenizer could not read a text of the request.",
    "toWellFormed()",
  ),
  invalid(
    400,
    /^Disallowed CORS origin/,
    "The server refuses requests from web pages of this origin.",
    "--allowed-origins",
  ),
  // An error with status 200: the code of the body decides.
  { ...refused(400, /does not support Embeddings API/, "The model does not support Embeddings API"), status: 200 },

  // Keys and paths. Below /v1 a missing key hides a missing route.
  {
    says: /\{"error":"Unauthorized"\}/,
    status: 401,
    asked: / with a key$/,
    code: "AUTHENTICATION_FAILED",
    message: "The server at URL refused the API key (401).",
    hint: "vllm serve --api-key, or its VLLM_API_KEY",
  },
  {
    says: /\{"error":"Unauthorized"\}/,
    status: 401,
    asked: /(?<! with a key)$/,
    code: "AUTHENTICATION_FAILED",
    message: "The server at URL requires an API key, and none was sent (401).",
    hint: "Set VLLM_API_KEY (or apiKey) to the value the server was started with.",
  },
  wrongRoute(
    /^GET \/( with a key)?$/,
    "The OpenAI routes of vLLM begin with /v1: set baseUrl to http://127.0.0.1:8000/v1.",
  ),
  wrongRoute(
    /^GET \/models( with a key)?$/,
    "The OpenAI routes of vLLM begin with /v1: set baseUrl to http://127.0.0.1:8000/v1.",
  ),
  wrongRoute(/\/v1\/messages/, "vLLM has this route since 0.12"),
  wrongRoute(/\/v1\/(embeddings|rerank)/, "Only servers of embedding and ranking models have this route."),
  wrongRoute(
    /\/v1\/v1\//,
    "/v1 is doubled in http://127.0.0.1:8000/v1/v1/models: set baseUrl to http://127.0.0.1:8000/v1.",
  ),
  wrongRoute(
    / \/(?!$| with|models\b|v1\/(v1|messages|embeddings|rerank)\b)/,
    "Check the path in front of /v1 in baseUrl",
  ),
  {
    says: /^$|\{"detail":"Method Not Allowed"\}/,
    status: 405,
    code: "WRONG_BASE_URL",
    message: "URL does not take requests of this method (405).",
    hint: "vLLM takes POST on /v1/chat/completions, and only GET on /v1/models and /health.",
  },
  {
    says: /^$/,
    status: 307,
    code: "WRONG_BASE_URL",
    message: "URL sends the request on to another address (307).",
    hint: "without a trailing slash",
  },

  // Dying and routers.
  ...([500, "stream"] as const).map((status): Row => ({
    says: /EngineCore encountered an issue/,
    status,
    code: "ENGINE_FAILED",
    message: "vLLM's engine process failed, so this request cannot be answered.",
    hint: "start it again",
    facts: { isRetryable: true },
  })),
  {
    says: /^$/,
    status: 503,
    asked: /^GET \/health$/,
    code: "ENGINE_FAILED",
    message: "vLLM's engine process failed, so this request cannot be answered.",
    hint: "start it again",
    facts: { isRetryable: true },
  },
  {
    says: /"message": ?"Internal server error"/,
    status: 500,
    code: "SERVER_ERROR",
    message: "The server failed (500 from URL): Internal server error",
    hint: "The cause is in the server's log.",
    facts: { isRetryable: true },
  },
  {
    says: /"message": ?"Internal server error"/,
    status: "stream",
    code: "SERVER_ERROR",
    message: "The server failed during the answer (URL): Internal server error",
    hint: "The cause is in the server's log.",
    facts: { isRetryable: true },
  },
  unreachable(500, /^Request failed: error sending request for url/),
  unreachable(502, /502 Bad Gateway|No vLLM back end answered/),
  unreachable(503, /^No (available workers|workers are currently available)/),
  {
    says: /504 Gateway Time-out/,
    status: 504,
    code: "REQUEST_TIMEOUT",
    message: "A proxy or router in front of the server gave up waiting (504 from URL).",
    hint: "nginx: proxy_read_timeout",
    facts: { isRetryable: true },
  },
  {
    says: /^$/,
    status: 408,
    code: "REQUEST_TIMEOUT",
    message: "A router in front of the server kept the request in its queue for too long (408 from URL).",
    hint: "--max-concurrent-requests",
    facts: { isRetryable: true },
  },
  {
    says: /^$/,
    status: 429,
    code: "RATE_LIMITED",
    message: "The server at URL is full (429).",
    hint: "--queue-size",
    facts: { isRetryable: true, retryAfterMs: 1000 },
  },
  invalid(
    413,
    /413 Request Entity Too Large/,
    "The request is larger than a proxy or router in front of the server allows (413).",
    "(nginx: client_max_body_size 0),",
  ),
  invalid(
    413,
    /length limit exceeded/,
    "The request is larger than a proxy or router in front of the server allows (413).",
    "(vllm-router: --max-payload-size),",
  ),
  // One fault each: fields of a wrong kind, numbers out of range.
  refused(
    400,
    /"message":"allowed_token_ids is not None and empty!/,
    "allowed_token_ids is not None and empty!",
    "Correct allowed_token_ids:",
  ),
  refused(
    400,
    /"message":"bad_words cannot contain an empty string\. Got bad_words=\[''\]/,
    "bad_words cannot contain an empty string. Got bad_words= …",
  ),
  refused(
    400,
    /"message":"Parameter 'cache_salt' must be a non-empty string if provided\./,
    "Parameter 'cache_salt' must be a non-empty string if provided.",
    "Correct cache_salt:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.chat_template_kwargs', 'msg': 'Input should be a valid dictionary'/,
    "chat_template_kwargs: Input should be a valid dictionary",
    "Correct chat_template_kwargs:",
  ),
  refused(400, /^[^}]*'loc': 'body\.tokens', 'msg': 'Field required'/, "tokens: Field required", "Correct tokens:"),
  refused(
    400,
    /^[^}]*'loc': 'body\.tokens\.0', 'msg': 'Input should be a valid integer, got a number with a fractional part'/,
    "tokens.0: Input should be a valid integer, got a number with a fractional part",
    "Correct tokens.0:",
  ),
  refused(400, /"message":"number too large to fit in target type/, "number too large to fit in target type"),
  refused(
    400,
    /^[^}]*'loc': 'body\.tokens\.0', 'msg': 'Input should be greater than or equal to 0'/,
    "tokens.0: Input should be greater than or equal to 0",
    "Correct tokens.0:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.tokens\.0', 'msg': 'Input should be a valid integer, unable to parse string as an integer'/,
    "tokens.0: Input should be a valid integer, unable to parse string as an integer",
    "Correct tokens.0:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.tokens', 'msg': 'Input should be a valid list'/,
    "tokens: Input should be a valid list",
    "Correct tokens:",
  ),
  refused(
    400,
    /"message":"frequency_penalty must be in \[-2, 2\], got 3\.0\./,
    "frequency_penalty must be in [-2, 2], got 3.0.",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.include_reasoning', 'msg': 'Input should be a valid boolean, unable to interpret input'/,
    "include_reasoning: Input should be a valid boolean, unable to interpret input",
    "Correct include_reasoning:",
  ),
  refused(
    400,
    /"message":"logit_bias contains key\(s\) that cannot be converted to integer token I/,
    "logit_bias contains key(s) that cannot be converted to integer token IDs: …",
    "Correct logit_bias:",
  ),
  refused(
    400,
    /"message":"token_id\(s\) \[999999999\] in logit_bias contain out-of-vocab token ids\./,
    "token_id(s) [999999999] in logit_bias contain out-of-vocab token ids. Vocabulary size: 640",
    "Correct logit_bias:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.max_tokens', 'msg': 'Input should be a valid integer, got a number with a fractional part'/,
    "max_tokens: Input should be a valid integer, got a number with a fractional part",
    "Correct max_tokens:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.max_tokens', 'msg': 'Input should be a valid integer, unable to parse string as an integer'/,
    "max_tokens: Input should be a valid integer, unable to parse string as an integer",
    "Correct max_tokens:",
  ),
  refused(
    400,
    /"message":"3 validation errors for ValidatorIterator\\n0\.ChatCompletionMessageFunc/,
    "tool_calls.0.function.arguments: Input should be a valid string",
    "Correct tool_calls.0.function.arguments:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.0\.ChatCompletionMessageFunctionToolCallParam\.function', 'msg': 'Field required'|"message":"4 validation errors for ValidatorIterator\\n0\.ChatCompletionMessageFunc/,
    "tool_calls.0.function: Field required",
    "Correct tool_calls.0.function:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.messages\.0\.ChatCompletionDeveloperMessageParam', 'msg': 'Input should be a valid dictionary'/,
    "messages.0: Input should be a valid dictionary",
    "Correct messages.0:",
  ),
  refused(
    400,
    /"message":"8 validation errors for ValidatorIterator\\n0\.ChatCompletionContentPart/,
    "content.0.text: Field required",
    "Correct content.0.text:",
  ),
  refused(
    400,
    /"message":"7 validation errors for ValidatorIterator\\n0\.ChatCompletionContentPart/,
    "content.0.type: Field required",
    "Correct content.0.type:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.messages\.0\.ChatCompletionDeveloperMessageParam\.role', 'msg': 'Field required'/,
    "messages.0.role: Field required",
    "Correct messages.0.role:",
  ),
  refused(400, /"message":"min_p must be in \[0, 1\], got 2\.0\./, "min_p must be in [0, 1], got 2.0."),
  refused(
    400,
    /"message":"min_tokens must be less than or equal to max_tokens=600, got 700\./,
    "min_tokens must be less than or equal to max_tokens=600, got 700.",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.model', 'msg': 'Input should be a valid string'/,
    "model: Input should be a valid string",
    "Correct model:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.n', 'msg': 'Input should be a valid integer, got a number with a fractional part'/,
    "n: Input should be a valid integer, got a number with a fractional part",
    "Correct n:",
  ),
  refused(400, /"message":"n must be at least 1, got -1\./, "n must be at least 1, got -1."),
  refused(
    400,
    /^[^}]*'loc': 'body\.n', 'msg': 'Input should be a valid integer, unable to parse string as an integer'/,
    "n: Input should be a valid integer, unable to parse string as an integer",
    "Correct n:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.parallel_tool_calls', 'msg': 'Input should be a valid boolean, unable to interpret input'/,
    "parallel_tool_calls: Input should be a valid boolean, unable to interpret input",
    "Correct parallel_tool_calls:",
  ),
  refused(
    400,
    /"message":"presence_penalty must be in \[-2, 2\], got -3\.0\./,
    "presence_penalty must be in [-2, 2], got -3.0.",
  ),
  refused(
    400,
    /"message":"`prompt_logprobs` must be a positive value or -1\./,
    "`prompt_logprobs` must be a positive value or -1.",
    "Correct prompt_logprobs:",
  ),
  refused(
    400,
    /"message":"`prompt_logprobs` are not available when `stream=True`\./,
    "`prompt_logprobs` are not available when …",
    "Correct prompt_logprobs:",
  ),
  refused(
    400,
    /"message":"Either prompt or prompt_embeds must be provided and non-empty\./,
    "Either prompt or prompt_embeds must be provided and non-empty.",
    "Correct prompt:",
  ),
  refused(
    400,
    /"message":"repetition_penalty must be greater than zero, got 0\.0\./,
    "repetition_penalty must be greater than zero, got 0.0.",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.response_format', 'msg': 'Input should be a valid dictionary or object to extract fields from'/,
    "response_format: Input should be a valid dictionary or object to extract fields from",
    "Correct response_format:",
  ),
  refused(
    400,
    /"message":"When response_format type is 'json_schema', the 'json_schema' field mu/,
    "When response_format type is 'json_schema', the 'json_schema' field must be provided.",
    "Correct response_format:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.seed', 'msg': 'Input should be a valid integer, unable to parse string as an integer'/,
    "seed: Input should be a valid integer, unable to parse string as an integer",
    "Correct seed:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.stop_token_ids\.0', 'msg': 'Input should be a valid integer, unable to parse string as an integer'/,
    "stop_token_ids.0: Input should be a valid integer, unable to parse string as an integer",
    "Correct stop_token_ids.0:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.stream_options', 'msg': 'Input should be a valid dictionary or object to extract fields from'/,
    "stream_options: Input should be a valid dictionary or object to extract fields from",
    "Correct stream_options:",
  ),
  refused(
    400,
    /"message":"temperature must be in \[0, 2\], got 5\.0\./,
    "temperature must be in [0, 2], got 5.0.",
    "Correct temperature:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.prompt', 'msg': 'Input should be a valid string'/,
    "prompt: Input should be a valid string",
    "Correct prompt:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.tools\.0\.function\.name', 'msg': 'Field required'/,
    "tools.0.function.name: Field required",
    "Correct tools.0.function.name:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.tools', 'msg': 'Input should be a valid list'/,
    "tools: Input should be a valid list",
    "Correct tools:",
  ),
  refused(
    400,
    /"message":"top_k must be 0 \(disable\), or at least 1, got -2\./,
    "top_k must be 0 (disable), or at least 1, got -2.",
  ),
  refused(
    400,
    /"message":"`top_logprobs` must be a positive value or -1\./,
    "`top_logprobs` must be a positive value or -1.",
    "Correct top_logprobs:",
  ),
  refused(
    400,
    /"message":"top_p must be in \(0, 1\], got 0\.0\./,
    "top_p must be in (0, 1], got 0.0.",
    "Correct top_p:",
  ),
  refused(
    400,
    /^[^}]*'loc': 'body\.user', 'msg': 'Input should be a valid string'/,
    "user: Input should be a valid string",
    "Correct user:",
  ),
  invalid(
    400,
    /"message":"'NoneType' object is not iterable/,
    "A list of the request is null, most likely messages.",
    "Send messages as a list",
  ),
  invalid(
    400,
    /"message":"You must use one kind of structured outputs constraint/,
    "structured_outputs was sent without a constraint.",
    "Give it one of json, regex, choice or grammar",
  ),
];

interface Recorded {
  id: string;
  asked: string;
  url: string;
  status: number | "stream";
  words: string;
  error: VllmError;
}

function recordedErrors(): Recorded[] {
  return listFixtures().flatMap(({ id, method, path, status }): Recorded[] => {
    if (status === 0) return [];
    const { request, response } = loadFixture(id);
    const text = new TextDecoder().decode(response.body);
    const url = `http://127.0.0.1:8000${path}`;
    const hasKey = request.headers.some(([name]) => name.toLowerCase() === "authorization");
    const context = { url, requestId: "request-1", hasKey };
    const recorded = { id, asked: `${method} ${path}${hasKey ? " with a key" : ""}`, url };
    const event = status === 200 ? /^data: (\{"error": .*)$/m.exec(text)?.[1] : undefined;
    if (event !== undefined) {
      const error = errorFromStreamEvent(JSON.parse(event), context);
      return [{ ...recorded, status: "stream", words: unescaped(event), error }];
    }
    if (status < 300 && !/^\{"(error|object":"error)"/.test(text)) return [];
    const header = (name: string) => response.headers.find(([key]) => key.toLowerCase() === name)?.[1];
    const answer = { status, bodyText: text, retryAfter: header("retry-after"), contentType: header("content-type") };
    return [{ ...recorded, status, words: unescaped(text), error: errorFromResponse(answer, context) }];
  });
}

function unescaped(json: string): string {
  return json.replaceAll('\\"', '"');
}

describe("every recorded error answer", () => {
  const recorded = recordedErrors();
  const used = new Set<Row>();

  test.each(recorded.map((each) => [each.id, each] as const))("%s", (_, { asked, url, status, words, error }) => {
    const rows = ROWS.filter(
      (row) => row.status === status && row.says.test(words) && (row.asked?.test(asked) ?? true),
    );
    expect(
      rows.map((row) => row.message),
      `rows for ${status} ${asked} ${words.slice(0, 300)}`,
    ).toHaveLength(1);
    const row = rows[0]!;
    used.add(row);
    const model = /The model `(.+?)`/.exec(words)?.[1] ?? "";
    expect(error).toMatchObject({
      code: row.code,
      message: row.message.replace("URL", url).replace("ASKED", model),
      hint: expect.stringContaining(row.hint),
      url,
      requestId: "request-1",
      isRetryable: row.facts?.["isRetryable"] ?? false,
    });
    const common = new Set([
      "name",
      "code",
      "message",
      "hint",
      "isRetryable",
      "status",
      "requestId",
      "url",
      "retryAfterMs",
      "param",
    ]);
    const said = /"param": ?"([^"]+)"/.exec(words)?.[1];
    if (said !== undefined && /^[\w.[\]-]+$/.test(said)) expect(error.param).toBe(said);
    const carried = Object.keys(error.toJSON()).filter((name) => !common.has(name));
    expect(FACTS_OF_CODE[row.code]).toEqual(expect.arrayContaining(carried));
    expect(error.status).toBe(status === "stream" ? undefined : status);
    for (const [fact, value] of Object.entries(row.facts ?? {}))
      expect([fact, error[fact as keyof VllmError]]).toEqual([fact, value]);
  });

  test("every row is met by a recording", () => {
    expect(
      ROWS.filter((row) => !used.has(row)).map((row) => `${row.status} ${row.says.source} ${row.asked?.source ?? ""}`),
    ).toEqual([]);
  });

  test("there are many of them, of all generations and routers", () => {
    expect(recorded.length).toBeGreaterThan(300);
    const folders = new Set(recorded.map(({ id }) => id.split("/")[0]));
    expect([...folders].toSorted()).toEqual(
      expect.arrayContaining(["0.10.2", "0.12.0", "0.24.0", "0.32.0", "0.9.2", "routers"]),
    );
  });
});
