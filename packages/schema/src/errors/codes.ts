/**
 * Every code a {@link VllmError} can have. Codes are permanent: a release may add one, never rename or reuse one.
 *
 * Each comment says when the code is raised.
 */
export const VLLM_ERROR_CODES = [
  /** A configuration value is missing or malformed. `issues` lists every problem found. */
  "CONFIG_INVALID",
  /** No HTTP answer came: refused, DNS, TLS, proxy, reset or connect timeout. `reason` tells which. */
  "SERVER_UNREACHABLE",
  /** The server answers, but is not ready to serve yet. */
  "SERVER_STARTING",
  /** Something answers at the address, but it is not vLLM (a web page, another kind of server). */
  "NOT_VLLM",
  /** A vLLM server, but the path is wrong: `/v1` is missing or doubled. */
  "WRONG_BASE_URL",
  /** The key was refused, or one is needed and none was sent (401, 403). */
  "AUTHENTICATION_FAILED",
  /** The server does not serve the requested model. `availableModels` and `suggestion` where known. */
  "MODEL_NOT_FOUND",
  /** Prompt plus requested output exceed the model's window. `maxModelLen`, `promptTokens`, `requestedTokens` where known. */
  "CONTEXT_LENGTH_EXCEEDED",
  /** The request needs tool calling, and the server runs without `--enable-auto-tool-choice` / `--tool-call-parser`. */
  "TOOL_PARSER_NOT_ENABLED",
  /** The model's chat template refused the messages (role order, unknown role, no messages). */
  "CHAT_TEMPLATE_REJECTED",
  /** The model cannot take this kind of input (image, audio, video), or the medium is unreadable. */
  "INPUT_TYPE_NOT_SUPPORTED",
  /** The server refused the request for another reason that repeating it will not change. */
  "INVALID_REQUEST",
  /** Too many requests (429, or a router's full queue). `retryAfterMs` where the server said it. */
  "RATE_LIMITED",
  /** The server failed (5xx), or a router had no server to ask. */
  "SERVER_ERROR",
  /** No first token (or no answer) came within the limit. */
  "REQUEST_TIMEOUT",
  /** The stream began, then no byte came for longer than the idle limit. */
  "STREAM_IDLE_TIMEOUT",
  /** The answer is not what the protocol allows: not an event stream, or an event that is not JSON. */
  "STREAM_MALFORMED",
  /** The answer exceeds one of the limits (`limits`), so the rest of it was not read. */
  "RESPONSE_TOO_LARGE",
  /** The stream stopped without a finish reason, or a gateway reported that its own connection broke. */
  "STREAM_ENDED_EARLY",
  /** vLLM's engine process died or aborted the request. */
  "ENGINE_FAILED",
  /** The answer does not satisfy the schema the caller asked for. */
  "OUTPUT_INVALID",
  /** The caller stopped the request. */
  "ABORTED",
] as const;

/** A code of the table in `docs/errors.md`. Codes are permanent. */
export type VllmErrorCode = (typeof VLLM_ERROR_CODES)[number];
