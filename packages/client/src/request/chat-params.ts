import type { OutputSchema } from "../schemas/standard-schema.ts";
import type { Affinity } from "./affinity.ts";
import type { ChatMessage } from "./chat-message.ts";
import type { HistoryOptions } from "./history-options.ts";
import type { FunctionTool, OpenAIParams } from "./openai-params.ts";
import type { VllmParams } from "./vllm-params.ts";

/** How much the model shall think. */
export type Thinking =
  /** No reasoning. */
  | "off"
  /** Reasoning, as deep as the template's default. */
  | "on"
  /** An effort word of the model's template: `low`, `high`, `max`, ... */
  | { effort: string }
  /** At most this many tokens of reasoning. Room for the answer is kept below `max_tokens`. */
  | { budgetTokens: number };

/**
 * A chat request: OpenAI's parameters, vLLM's, and ours (in camelCase: `thinking`, `strictTools`, `outputSchema`,
 * `history`, `affinity`). Parameters in snake_case are sent as they are; one that is not listed here goes into `extra_body`.
 * No sampling parameter is sent unless it is given.
 */
export interface ChatParams<Output = unknown> extends OpenAIParams, VllmParams {
  /** The conversation. An assistant turn of an earlier reply can be sent back as it came. */
  messages: readonly ChatMessage[];
  /** A served id. vLLM takes a request without it; the client fills in the server's only one. */
  model?: string | undefined;
  /** Function tools: plain ones, or made by `defineTool`. An empty list is not sent (vLLM ≥ 0.24 answers 400 to one). */
  tools?: readonly FunctionTool[] | null | undefined;
  /** Fields that are not listed here, merged into the body last, as `extra_body` of OpenAI's Python client. */
  extra_body?: Record<string, unknown> | undefined;

  /** How much the model shall think; sent in the way of the model's family, by `profile.thinking`. */
  thinking?: Thinking | undefined;
  /**
   * True: mark every tool `strict` whose schema vLLM's grammar keeps without a change of meaning; optional properties stay
   * optional, and schemas with `pattern`, `patternProperties`, `minProperties` and the like are left alone. vLLM then holds calls
   * to the real names and schemas, also with `tool_choice: "auto"`; without it the model may call a tool that does not exist.
   * `auto`: where `profile.strictTools` says that it works. Default false; `runTools`, the AI SDK provider and the bridge use `auto`.
   */
  strictTools?: boolean | "auto" | undefined;
  /** A schema of the answer, such as `z.object({ ... })`; `result().output` is then checked and typed. */
  outputSchema?: OutputSchema<Output> | undefined;
  /** How messages are rewritten for the model's template. */
  history?: HistoryOptions | undefined;
  /**
   * The conversation's name: sent as `X-Session-ID`, by which vllm-router, nginx, haproxy, production-stack and LiteLLM can
   * keep a conversation on one server and its prefix cache. An object for routers that read other headers, or that want one of
   * their response headers back: docs/scale-out.md.
   */
  affinity?: Affinity | undefined;
}
