import { VllmError } from "@vllm/schema/core";
import { printable } from "@vllm/schema/internal";
import type { ChatWarning } from "../stream/warning.ts";
import type { BrokenCall } from "./find-broken-call.ts";

/** The model's call is broken, and it was asked again or cannot be. */
export function brokenCallError(
  { call }: BrokenCall,
  { twice, warnings }: { twice: boolean; warnings: readonly ChatWarning[] },
): VllmError {
  const { kind, message = "" } = call?.parseError ?? {};
  const unknown = warnings.find(({ code }) => code === "UNKNOWN_FINISH_REASON");
  const what = `The model's tool call was not complete${twice ? ", twice" : ""}; it was not handed over and must not be run.`;
  return new VllmError({
    code: "STREAM_MALFORMED",
    reason: "broken-call",
    message: `${what} ${unknown?.message ?? message}`.trim(),
    hint:
      kind === "length"
        ? "Raise the output limit (max_tokens), or ask for a smaller step."
        : (unknown?.hint ??
          "Ask again. If it happens often, check the server's --tool-call-parser: npx @vllm/connect doctor."),
  });
}

/** Told when the model is asked again. */
export function brokenCallRetried({ call }: BrokenCall): ChatWarning {
  const what =
    call === undefined ? "A call in the answer's text" : `A call of ${printable(call.name) || "a tool without a name"}`;
  const kind = call?.parseError?.kind ?? "in-text";
  return {
    code: "BROKEN_CALL_RETRIED",
    reason: kind,
    message: `${what} was not complete; the model is asked again, and nothing of this answer is run.`,
    hint:
      kind === "length"
        ? "If it happens often, raise the output limit (max_tokens)."
        : "If it happens often, check the server's --tool-call-parser: npx @vllm/connect doctor.",
  };
}
