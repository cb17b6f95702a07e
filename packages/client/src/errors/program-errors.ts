import { VllmError } from "@vllm/schema/core";

/** A function of the caller's. */
export function callbackThrew(name: string, cause: unknown): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    message: `The function that was given as ${name} threw an error.`,
    hint: "Look at error.cause: nothing is wrong with the server or the answer.",
    cause,
  });
}

export function schemaThrew(cause: unknown): VllmError {
  return new VllmError({
    code: "OUTPUT_INVALID",
    message: "The schema's own check of the answer failed with an error.",
    hint: "Mend the refinement or the transform of the schema that threw it (error.cause).",
    cause,
  });
}

/** An error that nobody foresaw: a bug, or a value that cannot be sent. */
export function unexpected(cause: unknown): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    message: `The request could not be made: ${cause instanceof Error ? cause.name : "an unknown error"}.`,
    hint: "Every value in the request must be one that JSON can hold (error.cause tells more).",
    cause,
  });
}
