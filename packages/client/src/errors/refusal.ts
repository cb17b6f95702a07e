import type { ErrorAnswer, ErrorContext } from "@vllm/schema/core";

/** What a server said in place of an answer, or in the middle of one. */
export type Refusal = { context: ErrorContext } & ({ answer: ErrorAnswer } | { event: unknown });
