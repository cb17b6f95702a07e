import type { Limits } from "../limits/limits.ts";
import { displayUrl } from "../text/display-url.ts";
import { VllmError } from "./vllm-error.ts";

/** A limit that ends a request: of an error's body only the rest is ignored. */
export type EndingLimit = Exclude<keyof Limits, "errorBytes">;

const MODEL_REPEATS =
  "The model may be repeating itself: set max_tokens. If the answer is meant to be that large, raise limits";
const OTHER_SERVER =
  "Check the address: something other than vLLM may answer there (curl -s <url> | head -c 1000 shows what). If the answer is meant to be that large, raise limits";

const WORDS: Readonly<Record<EndingLimit, { what: string; hint: string }>> = {
  headBytes: { what: "The head of the answer", hint: OTHER_SERVER },
  eventBytes: { what: "An event in the stream", hint: OTHER_SERVER },
  answerBytes: { what: "The answer", hint: OTHER_SERVER },
  auxiliaryBytes: { what: "The answer", hint: OTHER_SERVER },
  argumentsLength: { what: "A tool call", hint: MODEL_REPEATS },
  nesting: { what: "The JSON", hint: OTHER_SERVER },
};

/** An answer that exceeds one of the limits (`limits` of client, discovery and bridge) → the error that ends the request. */
export function errorFromLimit(
  name: EndingLimit,
  limit: number,
  context: { url: string; requestId?: string | undefined },
): VllmError {
  const url = displayUrl(context.url);
  const { what, hint } = WORDS[name];
  const isNesting = name === "nesting";
  const than = isNesting ? `is nested deeper than ${limit} levels` : `is larger than ${toSize(name, limit)}`;
  return new VllmError({
    code: isNesting ? "STREAM_MALFORMED" : "RESPONSE_TOO_LARGE",
    message: `${what} from ${url} ${than}.`,
    hint: `${hint}.${name}.`,
    url,
    requestId: context.requestId,
  });
}

function toSize(name: EndingLimit, limit: number): string {
  const unit = name === "argumentsLength" ? "characters" : "bytes";
  for (const [factor, prefix] of [
    [1024 * 1024, "Mi"],
    [1024, "Ki"],
  ] as const) {
    if (limit >= factor && limit % factor === 0) {
      return unit === "bytes" ? `${limit / factor} ${prefix}B` : `${limit / factor} ${prefix} ${unit}`;
    }
  }
  return `${limit} ${unit}`;
}
