import type { ChatWarning, LearnedFacts, WireUsage } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import { profileFor } from "./learned-profiles.ts";
import { toChatParams } from "./to-chat-params.ts";
import type { Answer, Turn } from "./turn.ts";
import { brokenCallError } from "./turn-errors.ts";

/**
 * Streams the model's answer into the turn: text and reasoning at once, calls only in the result. The client asks again where that helps;
 * what it learned is kept for the next turn.
 *
 * @throws {VllmError} when it cannot be had, or its call is broken a second time.
 */
export async function answerTurn(turn: Turn): Promise<Answer> {
  const { client, builder, model, context, options, settings } = turn;
  const { profiles } = settings;
  const params = await toChatParams(model, context, options, profiles.get(model.baseUrl, model.id));
  const profile = profileFor(profiles, model);
  const reply = client.chat(
    { ...params, affinity: options.sessionId },
    {
      signal: options.signal,
      profile,
      brokenCalls: "retry",
      onLearned: (facts: LearnedFacts) => profiles.set(model.baseUrl, { ...profileFor(profiles, model), ...facts }),
    },
  );
  const warnings: ChatWarning[] = [];
  try {
    for await (const event of reply) {
      switch (event.type) {
        case "start":
          builder.start(event.id);
          break;
        case "text_delta":
          builder.text(event.delta);
          break;
        case "thinking_delta":
          builder.thinking(event.delta);
          break;
        case "text_end":
        case "thinking_end":
          builder.endBlock();
          break;
        case "warning":
          warnings.push(event.warning);
          warn(event.warning, turn);
          break;
        default:
      }
    }
  } catch (error) {
    if (!VllmError.isInstance(error) || error.reason !== "broken-call") throw error;
    builder.addUsage(error.partial?.usage);
    throw brokenCallError(error, warnings);
  }
  const answer = await reply.result();
  builder.addUsage(usageOf(answer));
  return answer;
}

/** Each retry is logged, everything else once for a model. */
function warn(warning: ChatWarning, { model, settings, warnOnce }: Turn): void {
  if (warning.code === "BROKEN_CALL_RETRIED") settings.logger.warn(`${model.id}: ${warning.message}`);
  else warnOnce(warning, model);
}

/** The prompt of the last request, and the output of all: what was generated twice counts twice, the conversation once. */
function usageOf({ usage, lastUsage }: Answer): WireUsage | undefined {
  if (usage === undefined || lastUsage === undefined) return usage;
  const { prompt_tokens, prompt_tokens_details = null } = lastUsage;
  return { ...usage, prompt_tokens, prompt_tokens_details };
}
