import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { ErrorContext, ErrorReason, VllmErrorCode } from "../core.ts";
import { errorFromResponse, errorFromStreamEvent, VLLM_ERROR_CODES } from "../core.ts";

const url = "http://gpu:8000/v1/chat/completions";

function from(status: number, body: unknown, context: Partial<ErrorContext> = {}) {
  const bodyText = typeof body === "string" ? body : JSON.stringify(body);
  return errorFromResponse({ status, bodyText }, { url, ...context });
}

/** vLLM's own shape since 0.10. */
const vllm = (message: string, type = "BadRequestError", code = 400, param: string | null = null) => ({
  error: { message, type, param, code },
});

test("no body makes it throw: it is called by timers and sockets", () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.constantFrom(
        null,
        true,
        -1,
        1e308,
        "{'type': 'x'",
        "3 validation errors",
        "maximum context length is 9e99 tokens",
      ),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(..."error detail message type param code object loc msg".split(" ")), tie("value")),
    ),
  }));
  const deep = (levels: number) => `${'{"error":'.repeat(levels)}"x"${"}".repeat(levels)}`;
  const bodies = fc.oneof(
    fc.string(),
    value.map((json) => JSON.stringify(json)),
    fc.integer({ min: 1, max: 20_000 }).map(deep),
    fc.integer({ min: 1, max: 20_000 }).map((levels) => JSON.stringify({ error: { message: deep(levels) } })),
    fc.integer({ min: 1, max: 20_000 }).map((levels) => `{"error": ${"[".repeat(levels)}`),
  );
  fc.assert(
    fc.property(bodies, fc.constantFrom(200, 400, 404, 422, 429, 500, 503, 999), (bodyText, status) => {
      const error = errorFromResponse({ status, bodyText, retryAfter: bodyText }, { url: "http://gpu/v1/models" });
      expect(VLLM_ERROR_CODES).toContain(error.code);
      expect(() => JSON.stringify(error)).not.toThrow();
    }),
    { numRuns: 500 },
  );
});

describe("context length, texts of versions and routers that are not recorded", () => {
  test.each<[string, Record<string, unknown>]>([
    [
      "You passed 147421 input tokens and requested 16384 output tokens. However, the model's context length is only 163804 tokens, resulting in a maximum input length of 147420 tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=147421)",
      { maxModelLen: 163804, promptTokens: 147421, requestedTokens: 16384 },
    ],
    [
      "You passed 131073 input tokens and requested 0 output tokens. However, the model's context length is only 131072 tokens, resulting in a maximum input length of 131072 tokens.",
      { maxModelLen: 131072, promptTokens: 131073, requestedTokens: undefined },
    ],
    [
      "You passed 900000 input characters. However, the model's context length is only 4096 tokens (at most 114688 characters).",
      { maxModelLen: 4096, promptTokens: undefined },
    ],
    [
      "This model's maximum context length is 4096 tokens. However, you requested 600 output tokens and your prompt contains 2000050 characters (more than 97888 characters, which is the upper bound for 3496 input tokens). (parameter=input_text, value=2000050)",
      { maxModelLen: 4096, promptTokens: undefined, requestedTokens: 600 },
    ],
    [
      "The decoder prompt (length 8825) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens plus multimodal tokens.",
      { maxModelLen: 8192, promptTokens: 8825 },
    ],
    [
      "The decoder prompt (length 8192) plus the number of requested output tokens (at least 1) is longer than the maximum model length of 8192. Make sure ...",
      { maxModelLen: 8192, promptTokens: 8192 },
    ],
    [
      "max_completion_tokens=131072 cannot be greater than max_model_len=max_total_tokens=128000. Please request fewer output tokens.",
      { maxModelLen: 128000, requestedTokens: 131072 },
    ],
    ["max_tokens=8192cannot be greater than max_model_len=4096.", { maxModelLen: 4096, requestedTokens: 8192 }],
    ["The input exceeds the maximum context length of 2048 tokens.", { maxModelLen: 2048, promptTokens: undefined }],
  ])("%s", (message, facts) => {
    const error = from(400, vllm(message));
    expect(error).toMatchObject({ code: "CONTEXT_LENGTH_EXCEEDED", isRetryable: false, status: 400 });
    for (const [fact, value] of Object.entries(facts))
      expect([fact, error[fact as "maxModelLen"]]).toEqual([fact, value]);
    expect(error.message).toContain(String(facts["maxModelLen"]));
  });

  test("the exact size of the prompt and a fitting prompt advise to ask for less output", () => {
    const error = from(
      400,
      vllm(
        "'max_tokens' or 'max_completion_tokens' is too large: 900. This model's maximum context length is 1000 tokens and your request has 200 input tokens (900 > 1000 - 200). None",
      ),
    );
    expect(error.hint).toContain("leave max_tokens out");
  });

  test("a prompt that alone is too long advises to shorten", () => {
    expect(
      from(
        400,
        vllm(
          "You passed 5000 input tokens and requested 10 output tokens. However, the model's context length is only 4096 tokens",
        ),
      ).hint,
    ).toMatch(/^Shorten/);
  });

  test("LiteLLM's name for it counts where the numbers are lost", () => {
    expect(from(400, vllm("litellm.ContextWindowExceededError: something else"))).toMatchObject({
      code: "CONTEXT_LENGTH_EXCEEDED",
      message: "The request is longer than the model's window.",
    });
  });

  test("the length of a picture's encoder is not the model's window", () => {
    expect(
      from(400, vllm("The encoder prompt (length 9000) is longer than the maximum model length of 2048.")).code,
    ).toBe("INVALID_REQUEST");
  });
});

test.each<[string, number, string, ErrorReason | undefined]>([
  ["a server behind a router that cannot be reached", 500, "No available workers", "upstream-unreachable"],
  ["a router without a server", 503, "", "upstream-unreachable"],
  ["a slip of gpt-oss", 500, "HarmonyError: x", "output-format"],
  ["a picture for a model that reads text", 400, "lab/tiny is not a multimodal model", "text-only"],
  ["too many pictures", 400, "At most 1 image(s) may be provided in one prompt.", undefined],
  ["our own words from elsewhere", 500, "could not reach a vLLM server behind it, harmony, text only", undefined],
])("%s has its reason", (_, status, message, reason) => {
  const body = message === "" ? "" : vllm(message, "InternalServerError", status);
  expect(from(status, body).reason).toBe(reason);
});

describe("who answered", () => {
  const NGINX =
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";
  const LITELLM = vllm(
    "litellm.InternalServerError: Hosted_vllmException - Cannot connect to host gpu1:8000",
    "x",
    500,
  );
  const hintOf = (status: number, body: unknown, server?: string) => {
    const bodyText = typeof body === "string" ? body : JSON.stringify(body);
    return errorFromResponse({ status, bodyText, server }, { url }).hint;
  };
  const names = (hint: string) => ["nginx", "LiteLLM", "vllm-router", "haproxy"].filter((name) => hint.includes(name));

  test.each<[string, number, unknown, string | undefined, string[], string]>([
    ["nginx by its page", 502, NGINX, undefined, ["nginx"], "proxy_next_upstream"],
    ["nginx by its header, with a page of its owner's", 502, { error: "down" }, "nginx/1.22.1", ["nginx"], "http_502"],
    ["LiteLLM", 500, LITELLM, undefined, ["LiteLLM"], "num_retries"],
    ["LiteLLM behind nginx", 502, LITELLM, "nginx", ["LiteLLM"], "num_retries"],
    ["vllm-router, all down", 503, "No available workers (all circuits open)", undefined, ["vllm-router"], "--cb-"],
    [
      "vllm-router, one down",
      500,
      "Request failed: error sending request for url (http://gpu2:8000/)",
      undefined,
      ["vllm-router"],
      "--health-check",
    ],
    ["nobody that is known", 502, "", undefined, [], "look at its log"],
    ["nginx, too large", 413, NGINX, "nginx", ["nginx"], "client_max_body_size 0"],
    ["vllm-router, too large", 413, "length limit exceeded", undefined, ["vllm-router"], "--max-payload-size"],
    ["somebody, too large", 413, "", undefined, ["nginx", "vllm-router"], "client_max_body_size 0"],
    ["nginx, too slow", 504, NGINX, undefined, ["nginx"], "proxy_read_timeout"],
    ["LiteLLM, too many", 429, vllm("litellm.RateLimitError: no", "x", 429), undefined, [], "send fewer requests"],
  ])("%s", (_, status, body, server, expected, words) => {
    const hint = hintOf(status, body, server);
    expect(names(hint)).toEqual(expected);
    expect(hint).toContain(words);
  });

  test.each(["The plain HTTP request was sent to HTTPS port", "Client sent an HTTP request to an HTTPS server.\n"])(
    "a port for TLS that says: %s",
    (words) => {
      for (const body of [words, `<html>\r\n<head><title>400 ${words}</title></head>\r\n</html>`]) {
        const { code, message, hint } = from(400, body);
        expect(code).toBe("WRONG_BASE_URL");
        expect(message).toContain("HTTPS");
        expect(hint).toContain("https://gpu:8000/v1");
      }
    },
  );
});

describe("routers and proxies", () => {
  const inner = `{"error":{"message":"This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens, which exceeds this limit","type":"BadRequestError","param":"input_tokens","code":400}}`;

  test.each<[string, number, unknown, VllmErrorCode, RegExp, boolean]>([
    [
      "LiteLLM, unknown model",
      400,
      {
        error: {
          message:
            "/chat/completions: Invalid model name passed in model=nope. Call `/v1/models` to view available models for your key.",
          type: "invalid_request_error",
          param: null,
          code: "400",
        },
      },
      "MODEL_NOT_FOUND",
      /The model "nope" is not served here\./,
      false,
    ],
    [
      "LiteLLM, vLLM's JSON inside its message",
      400,
      {
        error: {
          message: `litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: Hosted_vllmException - ${inner}. Received Model Group=tiny\nAvailable Model Group Fallbacks=None`,
          type: "invalid_request_error",
          param: null,
          code: "400",
        },
      },
      "CONTEXT_LENGTH_EXCEEDED",
      /at least 4097 tokens/,
      false,
    ],
    [
      "LiteLLM, no key",
      401,
      {
        error: {
          message: "Authentication Error, No api key passed in.",
          type: "auth_error",
          param: "None",
          code: "401",
        },
      },
      "AUTHENTICATION_FAILED",
      /requires another API key, or one at all \(401\)/,
      false,
    ],
    [
      "LiteLLM, wrong key without a database",
      400,
      { error: { message: "No connected db.", type: "no_db_connection", param: null, code: "400" } },
      "AUTHENTICATION_FAILED",
      /\(400\)/,
      false,
    ],
    [
      "LiteLLM, its own key is wrong",
      401,
      {
        error: {
          message: `litellm.AuthenticationError: AuthenticationError: Hosted_vllmException - {"error":"Unauthorized"}. Received Model Group=tiny`,
          type: "authentication_error",
          param: null,
          code: "401",
        },
      },
      "AUTHENTICATION_FAILED",
      /LiteLLM proxy at .* was refused by the vLLM server behind it/,
      false,
    ],
    [
      "LiteLLM, all servers down",
      500,
      {
        error: {
          message:
            "litellm.InternalServerError: InternalServerError: Hosted_vllmException - Cannot connect to host REDACTED:8141 ssl:default [Connect call failed ('127.0.0.1', 8141)]",
          type: "internal_server_error",
          param: null,
          code: "500",
        },
      },
      "SERVER_ERROR",
      /could not reach a vLLM server behind it/,
      true,
    ],
    [
      "production-stack, unknown model",
      404,
      { error: "Model 'nope' not found. Available models can be listed at /v1/models." },
      "MODEL_NOT_FOUND",
      /"nope"/,
      false,
    ],
    [
      "production-stack, no model",
      400,
      { error: "Invalid request: missing 'model' in request body." },
      "INVALID_REQUEST",
      /missing 'model' in request body/,
      false,
    ],
    [
      "production-stack, bad JSON",
      400,
      { error: "Invalid request: request body must be valid JSON." },
      "INVALID_REQUEST",
      /must be valid JSON/,
      false,
    ],
    [
      "production-stack, a server down",
      500,
      "Internal Server Error",
      "SERVER_ERROR",
      /The server failed \(500 from .*\): Internal Server Error/,
      true,
    ],
    [
      "production-stack, health checks",
      503,
      { error: "Model 'tiny' is temporarily unavailable. Please try again later." },
      "SERVER_ERROR",
      /could not reach/,
      true,
    ],
    [
      "Ray, unknown model",
      404,
      { detail: `Got request for model "nope". Could not find base model with ID "nope".` },
      "MODEL_NOT_FOUND",
      /"nope"/,
      false,
    ],
    [
      "Ray, too long",
      400,
      {
        error: {
          message:
            "Message: This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens, ... (Request ID: 1), Internal exception: ...",
          type: "OpenAIHTTPException",
          param: null,
          code: 400,
        },
      },
      "CONTEXT_LENGTH_EXCEEDED",
      /4096/,
      false,
    ],
    [
      "haproxy, all down",
      503,
      "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n",
      "SERVER_ERROR",
      /could not reach/,
      true,
    ],
    [
      "a web page where the API should be",
      404,
      "<!DOCTYPE html><html><body>Not here</body></html>",
      "NOT_VLLM",
      /A web page came back/,
      false,
    ],
    [
      "a firewall's page",
      403,
      "<html><body>Blocked</body></html>",
      "AUTHENTICATION_FAILED",
      /A web page came back/,
      false,
    ],
    ["a proxy that wants a password", 407, "", "SERVER_UNREACHABLE", /proxy on the way/, false],
    [
      "a proxy's refusal in plain text",
      403,
      "denied by policy",
      "AUTHENTICATION_FAILED",
      /^A proxy, gateway or fire/,
      false,
    ],
    [
      "a gateway's refusal",
      403,
      { error: { message: "no" } },
      "AUTHENTICATION_FAILED",
      /^A proxy, gateway or fire/,
      false,
    ],
    ["a gateway's 401 in plain text", 401, "Unauthorized", "AUTHENTICATION_FAILED", /^A proxy, gateway or fire/, false],
    ["nginx's 499 through another proxy", 499, "", "SERVER_ERROR", /^A proxy .* had left before.*\(499 from /, true],
    ["a read timeout", 504, "<html></html>", "REQUEST_TIMEOUT", /gave up waiting \(504 from /, true],
    ["Cloudflare, 520", 520, "<html></html>", "SERVER_ERROR", /^Cloudflare got an answer .* \(520 from /, true],
    ["Cloudflare, 524", 524, "error code: 524", "REQUEST_TIMEOUT", /^Cloudflare gave up waiting.* \(524 from /, true],
    ["a read timeout, 598", 598, "", "REQUEST_TIMEOUT", /gave up waiting.*\(598 from /, true],
    [
      "vllm-router, a tool without parameters",
      422,
      "Failed to deserialize the JSON body into the target type: tools[0].function: missing field `parameters` at line 1 column 99",
      "INVALID_REQUEST",
      /tools\[0\]\.function: the field parameters is missing/,
      false,
    ],
    [
      "an empty 500 (0.9.2 with a dying engine)",
      500,
      "",
      "SERVER_ERROR",
      /The server failed \(500 from http:\/\/gpu:8000\/v1\/chat\/completions\)\.$/,
      true,
    ],
    [
      "a scaling server",
      503,
      { error: "The model is currently scaling. Please try again later." },
      "SERVER_STARTING",
      /changing its size/,
      true,
    ],
    [
      "a full engine queue",
      503,
      vllm(
        "The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.",
        "Service Unavailable",
        503,
      ),
      "RATE_LIMITED",
      /is full \(503\)/,
      true,
    ],
    [
      "a full prefill backlog",
      503,
      vllm(
        "The engine has reached its prefill token backlog limit. Please try again later or on a different instance.",
        "Service Unavailable",
        503,
      ),
      "RATE_LIMITED",
      /is full/,
      true,
    ],
    [
      "vLLM's own 503",
      503,
      vllm("Request failed; please retry", "ServiceUnavailableError", 503),
      "SERVER_ERROR",
      /The server failed \(503 from .*\): Request failed; please retry/,
      true,
    ],
    [
      "an engine that shuts down",
      500,
      vllm("cannot schedule new futures after shutdown", "InternalServerError", 500),
      "ENGINE_FAILED",
      /shutting down and takes no more requests/,
      true,
    ],
    [
      "a slip of gpt-oss",
      500,
      vllm(
        `unexpected tokens remaining in message header: Some("to=functions.web-browsing")`,
        "InternalServerError",
        500,
      ),
      "SERVER_ERROR",
      /slipped in its own output format/,
      true,
    ],
    [
      "another slip of gpt-oss",
      500,
      vllm("Unexpected token 12606 while expecting start token 200006", "InternalServerError", 500),
      "SERVER_ERROR",
      /slipped/,
      true,
    ],
    [
      "0.9.2's half tool call",
      400,
      {
        object: "error",
        message:
          "1 validation error for list[function-wrap[__log_extra_fields__()]]\n  Invalid JSON: EOF while parsing a value at line 1 column 0 [type=json_invalid, input_value='', input_type=str]\n    For further information visit https://errors.pydantic.dev/2.11/v/json_invalid None",
        type: "BadRequestError",
        param: null,
        code: 400,
      },
      "SERVER_ERROR",
      /max_tokens cut it/,
      false,
    ],
    [
      "something that is not built",
      501,
      vllm("Only base64 data URLs are supported for now.", "NotImplementedError", 501),
      "INPUT_TYPE_NOT_SUPPORTED",
      /could not read/,
      false,
    ],
    [
      "another thing that is not built",
      501,
      vllm("Beam search is not there", "NotImplementedError", 501),
      "INVALID_REQUEST",
      /Beam search is not there/,
      false,
    ],
    [
      "a rate limit with words",
      429,
      { error: { message: "Rate limit reached", type: "rate_limit", code: "429" } },
      "RATE_LIMITED",
      /is full \(429\)/,
      true,
    ],
    [
      "a body in FastAPI's own shape",
      422,
      {
        detail: [
          { type: "missing", loc: ["body", "model"], msg: "Field required", input: { messages: "secret words" } },
        ],
      },
      "INVALID_REQUEST",
      /: model: Field required$/,
      false,
    ],
    [
      "half a JSON body",
      400,
      `{"error":{"message":"This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input to`,
      "CONTEXT_LENGTH_EXCEEDED",
      /4096/,
      false,
    ],
    ["a JSON body that ends before its message", 500, `{"error":{"mess`, "SERVER_ERROR", /\)\.$/, true],
    ["a body with a byte order mark", 401, `\uFEFF{"error":"Unauthorized"}`, "AUTHENTICATION_FAILED", /401/, false],
    ["JSON that says nothing", 400, "[]", "INVALID_REQUEST", /The server refused the request \(400\)\.$/, false],
    ["a number", 500, "12", "SERVER_ERROR", /\)\.$/, true],
  ])("%s", (_, status, body, code, message, isRetryable) => {
    const error = from(status, body);
    expect(error).toMatchObject({ code, isRetryable, status, url });
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/^[A-Z`].*\.$/s);
  });

  test("a health check without words means a dead engine; a router's words mean a router", () => {
    const health = "http://gpu:8000/health";
    expect(from(503, "", { url: health }).code).toBe("ENGINE_FAILED");
    expect(from(503, `Unhealthy servers: ["http://127.0.0.1:8141"]`, { url: health }).code).toBe("SERVER_ERROR");
    expect(from(503, "", { url }).code).toBe("SERVER_ERROR");
  });
});

describe("templates and media that are not recorded", () => {
  test.each([
    "Conversation roles must alternate user/assistant/user/assistant/...",
    "After the optional system message, conversation roles must alternate user/assistant/user/assistant/...",
    "Only user and assistant roles are supported!",
    "Only user, assistant and tool roles are supported, got system.",
    "System role not supported",
    "Unexpected message role.",
    "No user query found in messages.",
    "This model only supports single tool-calls at once!",
    "Message has tool role, but there was no previous assistant message with a tool call!",
    "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
    "Tool call IDs should be alphanumeric strings with length 9!",
    "Not the same number of function calls and responses",
  ])("%s", (words) => {
    const error = from(400, vllm(words));
    expect(error.code).toBe("CHAT_TEMPLATE_REJECTED");
    expect(error.message).toBe(`The model's chat template refused the messages: ${words}`);
  });

  test.each([
    "System role not supported",
    "System messages are not supported by this model.",
    "This model does not support a system prompt.",
    "Only user and assistant roles are supported!",
  ])("no system message at all: %s", (words) => {
    expect(from(400, vllm(words))).toMatchObject({
      code: "CHAT_TEMPLATE_REJECTED",
      reason: "system-role",
      hint: expect.stringContaining('systemMessages: "user"'),
    });
  });

  test.each([
    "Only user, assistant and tool roles are supported, got system.",
    "System message must be at the beginning.",
  ])("a system message in the wrong place: %s", (words) => {
    const error = from(400, vllm(words));
    expect(error).toMatchObject({ code: "CHAT_TEMPLATE_REJECTED", hint: expect.stringContaining('"merge"') });
    expect(error.reason).toBeUndefined();
  });

  test("a model without a template", () => {
    expect(
      from(
        400,
        vllm(
          "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template if the tokenizer does not define one.",
        ),
      ),
    ).toMatchObject({
      code: "CHAT_TEMPLATE_REJECTED",
      hint: expect.stringContaining("--chat-template <file>"),
    });
  });

  test.each(["30s.", "30.0s"])("a template that takes too long is the server's trouble: %s", (limit) => {
    const { code, message, hint } = from(
      500,
      vllm(`Chat template rendering timed out after ${limit}`, "InternalServerError", 500),
    );
    expect(code).toBe("SERVER_ERROR");
    expect(message).toContain("within 30 s");
    expect(hint).toContain("VLLM_CHAT_TEMPLATE_RENDER_TIMEOUT");
  });

  test.each([
    [
      "The URL must be from one of the allowed domains: ['a.example']. Input URL domain: b.example",
      "--allowed-media-domains",
    ],
    ["The file path <path> must be a subpath of `--allowed-local-media-path <path>`.", "--allowed-local-media-path"],
    ["Invalid data URL 'data:image/png;base64': missing ',' separator.", "data:<media type>;base64,<data>"],
    [
      "At most 2 image(s) may be provided in one prompt. Set `--limit-mm-per-prompt` to increase this limit.",
      "--limit-mm-per-prompt '{\"image\": N}'",
    ],
  ])("%s", (words, hint) => {
    expect(from(400, vllm(words))).toMatchObject({
      code: "INPUT_TYPE_NOT_SUPPORTED",
      hint: expect.stringContaining(hint),
    });
  });

  test("any other flag that the server names becomes the advice", () => {
    expect(from(400, vllm("You must set `--enable-mm-embeds` to input `image_embeds`"))).toMatchObject({
      code: "INVALID_REQUEST",
      hint: "Start the server with --enable-mm-embeds, or leave out what needs it.",
    });
  });

  test.each([
    "Invalid JSON grammar specification.",
    "The provided JSON schema contains features not supported by xgrammar.",
    "Failed to transform json schema into a grammar: unsupported type",
    "The JSON schema is nested too deeply: objects and arrays may nest at most 64 levels",
  ])("%s", (words) => {
    expect(from(400, vllm(words))).toMatchObject({
      code: "INVALID_REQUEST",
      hint: expect.stringContaining("JSON schema"),
    });
  });

  test("min_tokens above max_tokens is told in the server's words", () => {
    expect(
      from(
        400,
        vllm(
          "min_tokens must be less than or equal to max_tokens=5, got 10. (parameter=min_tokens, value=10)",
          "BadRequestError",
          400,
          "min_tokens",
        ),
      ),
    ).toMatchObject({
      code: "INVALID_REQUEST",
      message: "The server refused the request (400): min_tokens must be less than or equal to max_tokens=5, got 10.",
      hint: "Correct min_tokens: sent again as it is, the request is refused again.",
    });
  });
});

describe("an unknown model", () => {
  const notServed = vllm("The model `gpt-4o` does not exist.", "NotFoundError", 404, "model");

  test.each<[readonly string[] | undefined, string, string]>([
    [
      undefined,
      `The model "gpt-4o" is not served here.`,
      "GET /v1/models lists the served ids; the id is what --served-model-name says.",
    ],
    [
      [],
      `The model "gpt-4o" is not served here. The server lists no model at all.`,
      "GET /v1/models lists the served ids; the id is what --served-model-name says.",
    ],
    [
      ["Qwen/Qwen3-8B"],
      `The model "gpt-4o" is not served here. Served: Qwen/Qwen3-8B.`,
      `Use "Qwen/Qwen3-8B", the only model that is served.`,
    ],
    [
      ["Qwen/Qwen3-8B", "openai/gpt-4.0"],
      `The model "gpt-4o" is not served here. Served: Qwen/Qwen3-8B, openai/gpt-4.0.`,
      `Did you mean "openai/gpt-4.0"?`,
    ],
    [
      ["Qwen/Qwen3-8B", "x"],
      `The model "gpt-4o" is not served here. Served: Qwen/Qwen3-8B, x.`,
      "Use one of the served ids exactly as they are spelled.",
    ],
  ])("served: %j", (availableModels, message, hint) => {
    expect(from(404, notServed, { availableModels })).toMatchObject({ code: "MODEL_NOT_FOUND", message, hint });
  });

  test("a long list is cut in the text, not in the facts", () => {
    const availableModels = Array.from({ length: 40 }, (_, at) => `lora-${at}`);
    const error = from(404, notServed, { availableModels });
    expect(error.message).toContain("lora-9 and 30 more.");
    expect(error.availableModels).toHaveLength(40);
  });

  test("a name that would play tricks with a terminal is shown plainly", () => {
    const error = from(404, notServed, { availableModels: ["\u001b[31mred\u0007", "b\nc"], model: "x\u001b[2J" });
    expect(error.message).toBe(`The model "x[2J" is not served here. Served: [31mred, bc.`);
  });

  test("the caller's word for the model and for the served ids come before the server's", () => {
    const error = from(
      404,
      vllm("The model `tiny-x` does not exist. Valid aliases: a, b.", "NotFoundError", 404, "model"),
      {
        model: "tinyx",
        availableModels: ["tiny-x", "other"],
      },
    );
    expect(error).toMatchObject({
      suggestion: "tiny-x",
      message: `The model "tinyx" is not served here. Served: tiny-x, other.`,
    });
  });

  test("other things that are not found are not models", () => {
    expect(from(404, vllm("Response with id 'resp_1' not found.", "NotFoundError", 404)).code).toBe("INVALID_REQUEST");
  });
});

describe("paths and keys", () => {
  const notFound = { detail: "Not Found" };
  test.each<[string, number, boolean, VllmErrorCode, RegExp]>([
    [
      "http://gpu:8000/chat/completions",
      404,
      false,
      "WRONG_BASE_URL",
      /begin with \/v1: set baseUrl to http:\/\/gpu:8000\/v1\.$/,
    ],
    ["http://gpu:8000/chat/completions", 404, true, "WRONG_BASE_URL", /begin with \/v1/],
    [
      "http://gpu:8000/gateway/chat/completions",
      404,
      true,
      "WRONG_BASE_URL",
      /set baseUrl to http:\/\/gpu:8000\/gateway\/v1\.$/,
    ],
    [
      "http://gpu:8000/v1/v1/chat/completions",
      404,
      true,
      "WRONG_BASE_URL",
      /doubled in .*: set baseUrl to http:\/\/gpu:8000\/v1\.$/,
    ],
    [
      "http://gpu:8000/v1/v1/chat/completions",
      401,
      false,
      "AUTHENTICATION_FAILED",
      /Set VLLM_API_KEY .* \/v1 is doubled/,
    ],
    [
      "http://gpu:8000/v1/v1/chat/completions",
      401,
      true,
      "AUTHENTICATION_FAILED",
      /Use the value the server was started with .* \/v1 is doubled/,
    ],
    ["http://gpu:8000/v1/chat/completions", 401, true, "AUTHENTICATION_FAILED", /--api-key, or its VLLM_API_KEY\)\.$/],
    ["http://gpu:8000/v1/chat/completions", 404, true, "WRONG_BASE_URL", /models that write text/],
    ["http://gpu:8000/v1/responses", 404, true, "WRONG_BASE_URL", /since 0\.10/],
    ["http://gpu:8000/tokenize", 404, false, "WRONG_BASE_URL", /a router that lacks the route/],
  ])("%s answers %i (key: %s)", (asked, status, hasKey, code, hint) => {
    const error = from(status, status === 401 ? { error: "Unauthorized" } : notFound, { url: asked, hasKey });
    expect(error).toMatchObject({ code, url: asked });
    expect(error.hint).toMatch(hint);
  });

  test.each<[boolean | undefined, string]>([
    [true, "The server at http://gpu:8000/v1/chat/completions refused the API key (401)."],
    [false, "The server at http://gpu:8000/v1/chat/completions requires an API key, and none was sent (401)."],
    [undefined, "The server at http://gpu:8000/v1/chat/completions requires another API key, or one at all (401)."],
  ])("with a key: %j", (hasKey, message) => {
    expect(from(401, { error: "Unauthorized" }, { hasKey }).message).toBe(message);
  });

  test("a web page with status 200", () => {
    expect(from(200, "<html>login</html>")).toMatchObject({
      code: "NOT_VLLM",
      status: 200,
      message: "A web page came back from http://gpu:8000/v1/chat/completions instead of an answer (200).",
    });
  });

  test("the url of the error is the one asked, without what must not be shown", () => {
    const error = from(404, notFound, { url: "http://user:password@gpu:8000/v1/x?key=hidden#y" });
    expect(error.url).toBe("http://gpu:8000/v1/x");
    expect(JSON.stringify(error)).not.toMatch(/password|hidden/);
  });

  test("the request id is kept", () => {
    expect(from(500, "", { requestId: "chatcmpl-1" }).requestId).toBe("chatcmpl-1");
  });
});

function waitAfter(retryAfter: string | undefined) {
  return errorFromResponse({ status: 429, bodyText: "", retryAfter }, { url }).retryAfterMs;
}

describe("Retry-After", () => {
  test.each([
    ["1", 1000],
    [" 2.5 ", 2500],
    ["-3", 0],
    ["", undefined],
    ["   ", undefined],
    ["soon", undefined],
    [undefined, undefined],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ])("%j is %j", (header, expected) => {
    expect(waitAfter(header)).toBe(expected);
  });

  test("a date in the future", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-12-01T12:00:00.250Z") });
    try {
      expect(waitAfter("Tue, 01 Dec 2026 12:01:00 GMT")).toBe(59_750);
      expect(waitAfter("Tue, 01 Dec 2026 12:01:01 GMT")).toBe(60_750);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("errorFromStreamEvent", () => {
  test.each<[string, unknown, VllmErrorCode, boolean]>([
    [
      "an old vLLM's dead engine, which says 400",
      vllm("EngineCore encountered an issue. See stack trace (above) for the root cause."),
      "ENGINE_FAILED",
      true,
    ],
    [
      "0.9.2's shape",
      {
        error: {
          object: "error",
          message: "Grammar error: Invalid type: banana",
          type: "BadRequestError",
          param: null,
          code: 400,
        },
      },
      "INVALID_REQUEST",
      false,
    ],
    ["a rank out of range", vllm("data_parallel_rank 7 is out of range [0, 2)."), "INVALID_REQUEST", false],
    [
      "LiteLLM after its server died",
      {
        error: {
          message:
            "litellm.APIConnectionError: APIConnectionError: Hosted_vllmException - Response payload is not completed: <TransferEncodingError>",
          type: null,
          param: null,
          code: "500",
        },
      },
      "SERVER_ERROR",
      true,
    ],
    [
      "a slip of gpt-oss in mid-stream",
      vllm(`unexpected tokens remaining in message header: ["x"]`),
      "SERVER_ERROR",
      true,
    ],
    [
      "the Anthropic shape",
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      "SERVER_ERROR",
      true,
    ],
    ["a text", { error: "something broke" }, "SERVER_ERROR", true],
    ["no words at all", { error: {} }, "SERVER_ERROR", true],
    ["nothing", null, "SERVER_ERROR", true],
  ])("%s", (_, body, code, isRetryable) => {
    const error = errorFromStreamEvent(body, { url, requestId: "r" });
    expect(error).toMatchObject({ code, isRetryable, url, requestId: "r" });
    expect(error.status).toBeUndefined();
  });
});

describe("the status line against the body", () => {
  test("the status counts where it is an error", () => {
    expect(from(502, vllm("No vLLM back end answered.", "ServiceUnavailableError", 503)).status).toBe(502);
    expect(from(500, vllm("x", "BadRequestError", 400))).toMatchObject({ code: "SERVER_ERROR", status: 500 });
  });

  test("the body counts where the status says that all is well", () => {
    expect(from(200, vllm("x", "BadRequestError", 400))).toMatchObject({ code: "INVALID_REQUEST", status: 200 });
    expect(from(200, { error: "x" })).toMatchObject({ code: "SERVER_ERROR", status: 200 });
  });
});

describe("statuses of proxies", () => {
  test.each([521, 522, 523, 525, 526, 527, 530, 599])("%i: the request has not reached the server", (status) => {
    const error = from(status, `<html>error code: ${status}</html>`);
    expect(error).toMatchObject({ code: "SERVER_ERROR", status, reason: "upstream-unreachable", isRetryable: true });
    expect(error.message).toMatch(/could not (?:reach|connect)/);
  });

  test.each([499, 504, 520, 524, 598])("%i: the server may be at work on it", (status) => {
    const error = from(status, "");
    expect(error.reason).toBeUndefined();
    expect(error.hint).toContain("may still be at work");
  });

  test("what the server itself says in an event is not a proxy's word", () => {
    expect(errorFromStreamEvent(vllm("It failed", "X", 520), { url }).message).toMatch(/^The server failed/);
  });
});

describe("a proxy that requires a user name and password", () => {
  const ask = (status: number, authenticate: string, context: Partial<ErrorContext> = {}, bodyText = "<html></html>") =>
    errorFromResponse({ status, bodyText, authenticate }, { url, ...context });

  test.each([
    ["nothing was sent", { hasKey: false }, /^Put them into the address/],
    ["nobody knows what was sent", {}, /^Put them into the address/],
    ["a key or another login was sent", { hasKey: true }, /^What was sent in the Authorization header was refused\./],
    [
      "the key took their place",
      { hasKey: true, hasUnsentLogin: true },
      /in the address \(baseUrl\) were not sent: the API key takes the same header/,
    ],
  ])("%s", (_, context, hint) => {
    for (const header of ['Basic realm="gpu"', 'Bearer realm="x", Basic realm="gpu"', "basic"]) {
      const error = ask(401, header, context);
      expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED", reason: "proxy", status: 401 });
      expect(error.message).toMatch(/requires a user name and password \(401 from /);
      expect(error.hint).toMatch(hint);
      expect(`${error.message}${error.hint}`).not.toContain("VLLM_API_KEY) to");
    }
  });

  test("a server that wants a key is another matter", () => {
    expect(ask(401, "Bearer", {}, '{"error":"Unauthorized"}').message).toMatch(/requires another API key/);
    expect(ask(401, 'Bearer realm="basic"', {}, '{"error":"Unauthorized"}').message).toMatch(
      /requires another API key/,
    );
  });
});
