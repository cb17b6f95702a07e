import { findLeakedCall } from "../leaked-markup/index.ts";
import { isCut } from "../stream/finish-reason.ts";
import type { ChatChoice } from "../stream/result.ts";
import type { ParsedToolCall } from "../stream/tool-call.ts";

/** A call that must not be run; without `call`, one that was left in the text. */
export interface BrokenCall {
  call?: ParsedToolCall | undefined;
}

export interface BrokenCallQuestion {
  /** Names of the tools that the model was free to call. */
  toolNames: readonly string[];
  /** Whole calls in the text were found already. */
  findsCalls: boolean;
}

/** The first broken call of an answer, whichever choice it is in. */
export function findBrokenCall(choices: readonly ChatChoice[], question: BrokenCallQuestion): BrokenCall | undefined {
  const call = choices.flatMap(({ toolCalls }) => toolCalls).find(({ parseError }) => parseError !== undefined);
  if (call !== undefined) return { call };
  return choices.some((choice) => hasLeakedCall(choice, question)) ? {} : undefined;
}

/**
 * A call whose markup stands in the text is a broken one where whole ones are found, and at the end of an answer that was stopped: vLLM's
 * own parsers leave an unclosed call in an answer that is not streamed. Elsewhere the server has the wrong parser, and asking again
 * would change nothing.
 */
function hasLeakedCall({ text, toolCalls, ending }: ChatChoice, question: BrokenCallQuestion): boolean {
  const { toolNames, findsCalls } = question;
  if (toolCalls.length > 0 || toolNames.length === 0) return false;
  const leak = findLeakedCall(text, toolNames);
  return leak !== undefined && (isCut(ending) || (findsCalls && leak.isRecoverable));
}
