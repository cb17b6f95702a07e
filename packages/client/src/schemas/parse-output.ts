import { VllmError } from "@vllm/schema/core";
import { isCut, type AnswerEnding } from "../stream/finish-reason.ts";
import { renderIssues } from "./render-issues.ts";
import type { OutputSchema } from "./standard-schema.ts";

/**
 * Parses an answer that `outputSchema` asked for. Resolves to the value, or to a `VllmError` OUTPUT_INVALID:
 * returned, not thrown, so that the caller can add what had arrived.
 */
export async function parseOutput<Output>(
  schema: OutputSchema<Output>,
  text: string,
  ending: AnswerEnding,
): Promise<{ output: Output } | VllmError> {
  const wasCut = isCut(ending);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return wasCut ? cut(ending) : notJson(text);
  }
  // A bare number may be the start of a longer one; anything else that parses is complete.
  if (wasCut && typeof value === "number") return cut(ending);
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { output: result.value };
  return invalid(
    `The answer is JSON, but does not fit the schema:\n${renderIssues(result.issues)}`,
    "A grammar cannot hold every rule of a schema (refine, some formats): ask again with the message above, or loosen the schema.",
  );
}

function cut(ending: AnswerEnding): VllmError {
  if (ending === "filtered") {
    return invalid(
      "The answer was cut: a content filter stopped it before its JSON was complete.",
      "vLLM has no content filter, so a gateway in front of it stopped the answer: look at its log.",
    );
  }
  if (ending === "repetitive") {
    return invalid(
      "The answer was cut: it repeated itself, and the server stopped it before its JSON was complete.",
      "Ask again, or give lists and texts in the schema a limit (maxItems, maxLength). How soon the server stops is set by repetition_detection.",
    );
  }
  return invalid(
    "The answer was cut: it reached its token limit before its JSON was complete.",
    'Raise max_tokens (or leave it out), ask for less, or give the reasoning less room: thinking: "off" or { budgetTokens }.',
  );
}

function notJson(text: string): VllmError {
  return invalid(
    text.trim() === "" ? "The answer is empty, where JSON was asked for." : "The answer is not JSON.",
    "Ask again. If it happens again, a gateway in between may drop the form that was asked for (response_format): ask the server directly to compare. What the model wrote is kept (error.partial.text).",
  );
}

function invalid(message: string, hint: string): VllmError {
  return new VllmError({ code: "OUTPUT_INVALID", message, hint });
}
