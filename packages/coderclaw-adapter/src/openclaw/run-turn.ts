import type { AnswerEnding } from "@vllm/client";
import { VllmError } from "@vllm/schema/core";
import { answerTurn } from "./answer-turn.ts";
import { keyOf } from "./client-pool.ts";
import { explainSilence, isToldToUser, toErrorText, toNotice } from "./error-text.ts";
import type { Answer, Turn } from "./turn.ts";
import { filteredError, unexpectedError } from "./turn-errors.ts";
import { warnRecovered } from "./turn-warnings.ts";

/** Endings in the agent's words, which has none for an answer that repeated itself. Whether there are calls decides over `toolUse`. */
const STOP_REASONS: Readonly<Record<Exclude<AnswerEnding, "filtered">, "stop" | "length">> = {
  complete: "stop",
  truncated: "length",
  repetitive: "length",
  unknown: "stop",
};

/** One turn from the request to its end, which is always told to the agent: an answer, an abort, or an error. Never rejects. */
export async function runTurn(turn: Turn): Promise<void> {
  try {
    endWithAnswer(turn, await answerTurn(turn));
  } catch (cause) {
    const error = VllmError.isInstance(cause) ? cause : unexpectedError(cause);
    if (turn.options.signal?.aborted === true || error.code === "ABORTED")
      turn.builder.fail("aborted", { message: "Request was aborted", code: "ABORTED" });
    // The agent's logger is the agent's own: should it throw, the turn ends all the same.
    else await endWithError(turn, error).catch(() => turn.builder.fail("error", toFailure(error)));
  }
}

function toFailure({ message, code }: VllmError): { message: string; code: string } {
  return { message, code };
}

function endWithAnswer(turn: Turn, answer: Answer): void {
  const { builder } = turn;
  if (answer.ending === "filtered") throw filteredError();
  learn(turn, answer);
  for (const call of answer.toolCalls) {
    if (call.recovered === true) warnRecovered(call, turn);
    builder.toolCall(call);
  }
  if (answer.emptyTurn === "answer-in-thought") builder.text(answer.thinking);
  builder.finish(answer.toolCalls.length > 0 ? "toolUse" : STOP_REASONS[answer.ending]);
}

function learn({ model, options, settings }: Turn, outcome: VllmError | Answer): void {
  settings.learn?.({ baseUrl: model.baseUrl, apiKey: keyOf(options, settings), model: model.id }, outcome);
}

async function endWithError(turn: Turn, error: VllmError): Promise<void> {
  const { model, context, settings, builder } = turn;
  learn(turn, error);
  const message = toErrorText(error, model.provider, await explainSilence(error, model.baseUrl));
  settings.logger.warn(`${model.id}: ${message}`);
  if (settings.hasFallbacks || !isToldToUser(error, context)) {
    builder.fail("error", { message, code: error.code });
    return;
  }
  // Of a turn that ends as an error the agent shows a line of its own and nothing else, neither these words nor what was already said.
  builder.start("");
  builder.endBlock();
  builder.text(toNotice(message));
  builder.finish("stop");
}
