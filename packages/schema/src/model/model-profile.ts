/**
 * Where a value comes from, best first. Nothing overrides `user`; `assumed` is always said.
 *
 * - `user`: written by the person in a config or an option
 * - `server`: vLLM said it (`max_model_len`, an answer's field)
 * - `gateway`: a router in front said it in a field of its own
 * - `learned`: taken from an earlier error or answer of this server, model and version
 * - `probed`: shown by a question that was asked for this purpose
 * - `assumed`: nobody said it
 */
export type FactSource = "user" | "server" | "gateway" | "learned" | "probed" | "assumed";

/** A value, where it comes from, and the observation behind it in words fit to print. */
export interface Fact<Value> {
  value: Value;
  source: FactSource;
  evidence: string;
}

/** What a message may hold. */
export type InputKind = "text" | "image" | "audio" | "video";

/** `unknown` is never a polite `no`: nobody has looked, or the answer told nothing. */
export type CapabilityStatus = "yes" | "no" | "unknown";

/** Fields of a chat request that switch thinking; merged into the request as they are. */
export interface ThinkingRequest {
  chat_template_kwargs?: Readonly<Record<string, unknown>> | undefined;
  /** Top-level field of `/v1/chat/completions`. */
  reasoning_effort?: string | undefined;
}

/** How a request controls thinking on this model. An absent entry means: there is no such switch. */
export interface ThinkingControl {
  /** What happens when the request says nothing. */
  default: "on" | "off" | "unknown";
  on?: ThinkingRequest | undefined;
  off?: ThinkingRequest | undefined;
  /** Effort words the template knows, such as `low`, `high`, `max`. */
  efforts?: Readonly<Record<string, ThinkingRequest>> | undefined;
  /** True when `thinking_token_budget` (vLLM, top level, needs a reasoning parser) is accepted. */
  tokenBudget?: boolean | undefined;
  /** Key in `chat_template_kwargs` by which the model budgets its own thought (Seed-OSS: `thinking_budget`). */
  budgetKwarg?: string | undefined;
}

/** What the chat template does with a kind of message. `dropped`: accepted, and silently left out of the prompt. */
export type MessageRule = "kept" | "rejected" | "dropped" | "unknown";

/** How a conversation must look for this model's chat template. */
export interface HistoryRules {
  /** The system message at the beginning; absent: as `unknown`. Where it is not kept, its text belongs into the first user message. */
  firstSystem?: MessageRule | undefined;
  /** A system message after the first position. */
  laterSystem: MessageRule;
  /** A second system message right after the first one. */
  secondSystem: MessageRule;
  /** The `developer` role. */
  developerRole: MessageRule;
  /** Two user messages in a row. */
  consecutiveUser: MessageRule;
  /** `mistral`: nine letters or digits. `kimi-k2`: `functions.<name>:<n>`, one counter for the conversation. */
  toolCallIds: "any" | "mistral" | "kimi-k2";
  /** Which earlier thoughts the template writes into the prompt when the client sends them back. */
  reasoningReplay: "none" | "current-turn" | "all-turns" | "unknown";
  /** `chat_template_kwargs` that make the template keep thoughts across turns (`preserve_thinking`, `clear_thinking`). */
  keepReasoningKwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** Names of the ways models write a tool call into their text. */
export type ToolCallFormat =
  | "hermes"
  | "qwen-xml"
  | "llama-json"
  | "pythonic"
  | "mistral"
  | "deepseek-v3"
  | "deepseek-v31"
  | "deepseek-dsml"
  | "glm"
  | "kimi-k2"
  | "minimax-m2"
  | "granite"
  | "gemma4"
  | "gpt-oss"
  | "seed-oss"
  | "kimi-k3"
  | "minimax-m3"
  /** `hy_v3`, `hy_v4`: every tag carries a suffix from the tokenizer. */
  | "hy";

/**
 * What a client or an agent must know about one model on one server. Plain data: made by `@vllm/discovery` or by hand,
 * read by `@vllm/client` and `@vllm/coderclaw-adapter`.
 */
export interface ModelProfile {
  /** The id to send as `model`. */
  id: string;
  /** vLLM's `root`: what several served names have in common. */
  root?: string | undefined;
  /** The base model of a LoRA adapter. */
  parent?: string | undefined;
  /** vLLM's version as `/version` says it. */
  serverVersion?: string | undefined;
  /** Prompt plus output, in tokens. */
  contextWindow: Fact<number>;
  input: Fact<readonly InputKind[]>;
  /** How many of each medium one prompt may hold. */
  mediaLimits?: Fact<Readonly<Partial<Record<InputKind, number>>>> | undefined;
  /** Most output tokens of an answer, whatever a request asks for (`--override-generation-config`); absent: the window is the only limit. */
  maxOutputTokens?: Fact<number> | undefined;
  /** Output tokens of an answer to a request that sets no limit (`max_new_tokens` of the model's `generation_config.json`). */
  defaultOutputTokens?: Fact<number> | undefined;
  /** Whether `tools` with `tool_choice: "auto"` work (a tool parser is enabled). */
  toolCalling: Fact<CapabilityStatus>;
  /** How the chat template writes tool calls. */
  toolFormat?: Fact<ToolCallFormat> | undefined;
  /** The `--tool-call-parser` that reads {@link toolFormat}. */
  toolParser?: Fact<string> | undefined;
  /** Whether the answer's thought comes in a field of its own (a reasoning parser is enabled). */
  reasoning: Fact<CapabilityStatus>;
  /** The `--reasoning-parser` that fits. */
  reasoningParser?: Fact<string> | undefined;
  /** True when the template ends the prompt inside a thought, so that the answer holds only the end tag. */
  thoughtOpenedByTemplate?: Fact<boolean> | undefined;
  thinking?: Fact<ThinkingControl> | undefined;
  history?: Fact<HistoryRules> | undefined;
  /** Whether `strict: true` on a tool holds calls to the request's names and schemas on this server: `@vllm/client` sends it with `strictTools`. */
  strictTools?: Fact<CapabilityStatus> | undefined;
}
