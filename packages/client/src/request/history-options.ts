/**
 * How the messages are rewritten before they are sent. An absent option is decided by the model's profile
 * (`profile.history`), and without one the messages stay as they are.
 */
export interface HistoryOptions {
  /** `system`: send `developer` messages as `system`, for templates that do not know the role. */
  developerRole?: "keep" | "system" | undefined;
  /**
   * - `merge`: one system message, at the beginning, with the text of all in order
   * - `user`: their text goes in front of the first user message, for templates that have no system message
   */
  systemMessages?: "keep" | "merge" | "user" | undefined;
  /** `merge`: user messages in a row become one, text and parts in order. */
  consecutiveUser?: "keep" | "merge" | undefined;
  /** `mistral`: nine letters or digits. `kimi-k2`: `functions.<name>:<n>`. Calls and their results are rewritten alike. */
  toolCallIds?: "keep" | "mistral" | "kimi-k2" | undefined;
  /** Name under which earlier reasoning is sent. `reasoning` unless told otherwise; `drop` sends none. */
  reasoning?: "reasoning" | "reasoning_content" | "both" | "drop" | undefined;
  /**
   * False: do not ask the template to keep the reasoning of earlier turns. By default it is asked to, where the profile knows
   * the switch (`preserve_thinking`, `clear_thinking`) and there is reasoning to keep.
   */
  keepReasoning?: boolean | undefined;
}
