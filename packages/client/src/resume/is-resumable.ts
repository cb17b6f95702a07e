import type { VllmError } from "@vllm/schema/core";

type Body = Readonly<Record<string, unknown>>;

/** Fields by which a grammar holds the answer to a form: it would begin anew in the middle of it. */
const GRAMMARS = [
  "structured_outputs",
  "guided_json",
  "guided_regex",
  "guided_choice",
  "guided_grammar",
  "guided_decoding_backend",
];
/** Fields whose results are lists over the whole answer, of which the first part is lost. */
const PER_TOKEN = ["logprobs", "prompt_logprobs", "return_token_ids", "echo", "use_beam_search"];

/** Whether the answer to this request can be put together from two. */
export function isResumable(body: Body): boolean {
  const format = body["response_format"] as { type?: unknown } | null | undefined;
  const hasForm = isSet(format) && format?.type !== "text";
  const isOne = body["n"] === undefined || body["n"] === null || body["n"] === 1;
  const isFree = ![...GRAMMARS, ...PER_TOKEN].some((field) => isSet(body[field]) && body[field] !== false);
  return isOne && body["stream"] === true && !hasForm && isFree;
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Errors by which a server goes away in the middle of an answer. A limit of the caller's own is none. */
export function isServerLoss({ code, reason }: VllmError): boolean {
  if (code === "STREAM_ENDED_EARLY" || code === "ENGINE_FAILED") return true;
  return code === "SERVER_ERROR" && reason === "upstream-unreachable";
}

/** Errors before the answer by which it shows that no server is there yet. */
export function isServerAbsent(error: VllmError): boolean {
  const { code, reason, status } = error;
  const isUnreachable =
    code === "SERVER_UNREACHABLE" && (reason === "refused" || reason === "reset" || reason === "timeout");
  return isServerLoss(error) || isUnreachable || code === "SERVER_STARTING" || status === 502 || status === 503;
}
