import type {
  AffinityOptions,
  ChatParams,
  HistoryOptions,
  RecoverOptions,
  TimeoutOptions,
  VllmClientOptions,
} from "@vllm/client";
import type { LimitOptions } from "@vllm/schema/core";
import type { BridgeLogEntry } from "./log-entry.ts";
import type { OverflowShapes } from "./overflow-options.ts";

/** Settings of one model; they override what the client sends. */
export interface BridgeModelOptions {
  /** How much the model shall think, in the way of its family. */
  thinking?: ChatParams["thinking"];
  /**
   * Hold calls to the real tools and their schemas by a grammar, where a schema allows it. Default: where the server is known to do so
   * (`probeStrictTools`). False where the time that a grammar takes to compile is too much.
   */
  strictTools?: boolean | undefined;
  /** How messages are rewritten; what is absent is decided by what discovery found out about the model. */
  history?: HistoryOptions | undefined;
  /** Fields of the request body, such as `temperature` or `chat_template_kwargs`. */
  params?: Readonly<Record<string, unknown>> | undefined;
}

/** A key that clients of the bridge may send, and what their requests to vLLM then hold, whatever they hold themselves. */
export interface BridgeKey {
  key: string;
  /** Keeps the prefix cache of those who send this key apart from others' (`cache_salt`); 1 to 1024 characters, as hard to guess as a key. */
  cacheSalt?: string | undefined;
  /** Lower is served earlier (`priority`). vLLM refuses it unless it runs with `--scheduling-policy priority`. */
  priority?: number | undefined;
}

/** Everything is optional. */
export interface BridgeOptions {
  /** Address of vLLM, as people paste it. Default `VLLM_BASE_URL`, else `http://127.0.0.1:8000/v1`. */
  upstream?: string | undefined;
  /**
   * vLLM's key, sent instead of what clients send; requires `key` or `open`, as do a user name and password in `upstream`. Default
   * `VLLM_API_KEY`; without one each client's own key is passed on, unless there is `key`. An empty string is no key, whatever
   * `VLLM_API_KEY` says.
   */
  apiKey?: string | undefined;
  /**
   * What clients must send as `Authorization: Bearer <key>` or `x-api-key: <key>`. Required to listen on an address that is not loopback,
   * and when the bridge holds vLLM's key: otherwise every user of this machine would be served with it.
   */
  key?: string | undefined;
  /** Further keys, such as one for each team, that do what `key` does. */
  keys?: readonly BridgeKey[] | undefined;
  /** Serve every program and every user of this machine with vLLM's key: no `key` is asked for. Loopback only. Default false. */
  open?: boolean | undefined;
  /** Origins of web pages that may ask, such as `http://localhost:5173`. Default: none, requests with an `Origin` header are refused. */
  allowOrigins?: readonly string[] | undefined;
  /** Certificates for an upstream with `https:`, as for `createVllmClient`. */
  tls?: VllmClientOptions["tls"];
  /** The address of a proxy before the upstream, or false for none. Default: what the environment says, as for `createVllmClient`. */
  proxy?: VllmClientOptions["proxy"];
  /**
   * Reports each request to vLLM with its status and its times in ms, as for `createVllmClient`. What the bridge did for its own clients is
   * in `log`. Default: on stderr, if `VLLM_LOG=debug` says so.
   */
  logger?: VllmClientOptions["logger"];
  /** Find reasoning and tool calls that a server without parsers leaves in the text. Default: both. */
  recover?: RecoverOptions | false | undefined;
  /**
   * Ask the server once for each model whether it holds calls of tools marked `strict` to their schemas, and mark the tools where it does: three
   * requests that vLLM refuses after its last check, so that nothing is generated. Default true; false marks no tool unasked.
   */
  probeStrictTools?: boolean | undefined;
  /** By served id. */
  models?: Readonly<Record<string, BridgeModelOptions>> | undefined;
  /**
   * How the agent behind this bridge is told that a conversation, or its own prompt, does not fit. Default, by route: `maximum-context-length`,
   * `prompt-is-too-long` or `context_length_exceeded` for a conversation, `plain` for its own prompt.
   */
  overflow?: OverflowShapes | undefined;
  /** Change nothing, and log what would be changed. */
  dryRun?: boolean | undefined;
  /**
   * `keep` (default): usage as vLLM counts it. `drop`: without `completion_tokens_details`, for CoderClaw, whose engine adds the reasoning
   * tokens to `completion_tokens`, which holds them already.
   */
  reasoningTokens?: "keep" | "drop" | undefined;
  /**
   * How routers in front of vLLM keep a conversation on one server: by `X-Session-ID`, which holds the name that the agent gives it
   * (`x-session-id`, `x-session-affinity`, `session-id`, `session_id`, `x-claude-code-session-id`, `prompt_cache_key`) or one made of its
   * system prompt and first user message. Other header names, or response headers to send back: docs/scale-out.md. False sends none.
   */
  affinity?: Omit<AffinityOptions, "id"> | false | undefined;
  /**
   * Go on with an answer whose server went away in the middle of it: at the router's next server, or at the same one once it is ready again,
   * for which it waits (`waitMs`, default 60 000). Default true; false ends such an answer with an error.
   */
  resume?: VllmClientOptions["resume"];
  /** Limits toward vLLM. Default: connect 10 s, first token 10 min, silence within an answer 5 min. */
  timeouts?: TimeoutOptions | undefined;
  /** How large an answer of vLLM may be before it is not read any further (docs/limits.md). */
  limits?: LimitOptions | undefined;
  /** Silence toward the client after which a streamed answer gets an SSE comment, in ms. Default 15 000; false sends none. */
  keepAliveMs?: number | false | undefined;
  /** Largest request body on every route, in bytes. Default 64 MiB. */
  maxBodyBytes?: number | undefined;
  /** Requests that are answered at the same time; more are answered 429. One whose body is still coming does not count. Default 256. */
  maxConcurrent?: number | undefined;
  /** Time for a request's body to come in full, in ms; then the answer is 408. Default 60 000. */
  receiveMs?: number | undefined;
  /** How long `close` lets running answers go on, in ms. Default 10 000. */
  stopMs?: number | undefined;
  /** Called once for each request, when it is over. Holds no prompt, no answer and no key. */
  log?: ((entry: BridgeLogEntry) => void) | undefined;
}
