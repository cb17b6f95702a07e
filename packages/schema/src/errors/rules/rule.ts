import type { ErrorBody } from "../error-body.ts";
import type { ErrorContext } from "../error-context.ts";
import type { RouterName } from "../which-router.ts";
import type { VllmErrorOptions } from "../vllm-error.ts";

/** What a rule looks at. */
export interface Answer {
  body: ErrorBody;
  /** The server's words; empty where there are none. */
  message: string;
  /** HTTP status; the body's own code where that was 200, as for an error inside a stream. */
  status: number;
  /** HTTP status as it came. */
  httpStatus: number;
  isStream: boolean;
  /** The body is neither JSON nor a page. */
  isText: boolean;
  /** The `WWW-Authenticate` header. */
  authenticate: string | undefined;
  /** The address that was asked, fit to be shown. */
  url: string;
  context: ErrorContext;
  /** The start of the body as it came; empty for an error inside a stream. */
  bodyText: string;
  /** What wrote the answer, where it is not vLLM. */
  router: RouterName | undefined;
}

export type Finding = Omit<VllmErrorOptions, "cause">;

/** One kind of answer → the error for it; undefined when the answer is of another kind. */
export type Rule = (answer: Answer) => Finding | undefined;
