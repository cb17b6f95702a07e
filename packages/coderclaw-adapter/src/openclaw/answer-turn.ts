import type { ChatMessage, ChatParams } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import { askAgain, noToolParser, plainHistory } from "@vllm/client/internal";
import { profileFor } from "./learned-profiles.ts";
import { toChatParams } from "./to-chat-params.ts";
import type { Answer, Turn } from "./turn.ts";
import { brokenCallError } from "./turn-errors.ts";

/**
 * The model's answer, asked for again where that helps, once for each reason, so that no turn goes round in circles: a history that the
 * chat template refuses, a call that was cut.
 *
 * @throws {VllmError} when it cannot be had, or a call is cut a second time.
 */
export async function answerTurn(turn: Turn): Promise<Answer> {
  const { model, context, options, settings } = turn;
  const { messages, ...params } = await toChatParams(
    model,
    context,
    options,
    settings.profiles.get(model.baseUrl, model.id),
  );
  let isHistoryPlain = false;
  let correction: readonly ChatMessage[] = [];
  for (;;) {
    let answer: Answer;
    try {
      answer = await ask(turn, { ...params, messages: [...messages, ...correction] });
    } catch (error) {
      if (!isHistoryRefused(error) || isHistoryPlain) throw error;
      isHistoryPlain = true;
      const profile = profileFor(settings.profiles, model);
      settings.profiles.set(model.baseUrl, { ...profile, ...plainHistory(profile, error.message) });
      continue;
    }
    const broken = answer.toolCalls.find((call) => call.parseError !== undefined);
    if (broken === undefined) return answer;
    if (correction.length > 0) throw brokenCallError(broken, answer.warnings);
    settings.logger.warn(`${model.id}: a call of ${broken.name} was not complete; the model is asked again.`);
    correction = askAgain(answer);
  }
}

/** Streams one answer into the turn: text and thought at once, calls only in the result. */
async function ask({ client, builder, options, model, settings, warnOnce }: Turn, params: ChatParams): Promise<Answer> {
  const profile = profileFor(settings.profiles, model);
  const reply = client.chat({ ...params, affinity: options.sessionId }, { signal: options.signal, profile });
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
        warnOnce(event.warning, model);
        if (event.warning.code === "tools-in-text") {
          settings.profiles.set(model.baseUrl, { ...profile, ...noToolParser(event.warning.message) });
        }
        break;
      default:
    }
  }
  const answer = await reply.result();
  builder.addUsage(answer.usage);
  return answer;
}

function isHistoryRefused(error: unknown): error is VllmError {
  return VllmError.isInstance(error) && error.code === "CHAT_TEMPLATE_REJECTED";
}
