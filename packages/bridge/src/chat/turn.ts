import type { ChatEvent, ChatOptions, ChatParams, ChatResult, LearnedFacts, VllmClient } from "@vllm/client";
import type { ModelProfile } from "@vllm/schema/core";

export interface TurnOptions {
  client: VllmClient;
  params: ChatParams;
  chatOptions: ChatOptions & { profile?: ModelProfile | undefined };
  /** Every event of the one answer that the agent sees; its calls come when they are all whole. */
  onEvent: (event: ChatEvent<unknown>) => void | Promise<void>;
  /** The server taught something about the model. */
  onLearned: (profile: ModelProfile) => void;
  /** vLLM is asked (again). */
  onAttempt: (reason: string | undefined) => void;
}

/**
 * One turn of a conversation. The client asks again where that helps; this reports each attempt and keeps what was learned.
 *
 * @throws {VllmError}
 */
export async function runTurn(turn: TurnOptions): Promise<ChatResult<unknown>> {
  const { client, params, chatOptions, onEvent, onAttempt } = turn;
  let { profile } = chatOptions;

  function onLearned(facts: LearnedFacts): void {
    onAttempt(facts.history === undefined ? "TOOL_PARSER_NOT_ENABLED" : "CHAT_TEMPLATE_REJECTED");
    if (profile === undefined) return;
    profile = { ...profile, ...facts };
    turn.onLearned(profile);
  }

  onAttempt(undefined);
  return client.chat(params, { ...chatOptions, brokenCalls: "retry", onLearned }).forEach((event) => {
    if (event.type !== "warning") return onEvent(event);
    const { code, reason } = event.warning;
    if (code === "BROKEN_CALL_RETRIED")
      onAttempt(`broken tool call (${reason === "in-text" ? "in the text" : reason})`);
    else if (code === "resumed") onAttempt("the server went away");
    // The attempt says it already.
    else if (code !== "HISTORY_MADE_PLAIN") return onEvent(event);
    return undefined;
  });
}
