import { quoteServer } from "../quote-server.ts";
import type { Answer, Finding } from "./rule.ts";

/** The error of an answer that no rule knows. */
export function byStatus({ body, message, status, isStream, url }: Answer): Finding {
  const words = body.isHtml ? ": it answered with a web page." : message === "" ? "." : `: ${quoteServer(message)}`;
  if (status >= 500 && status !== 501) {
    return {
      code: "SERVER_ERROR",
      // Inside a stream the status was 200, and the event's own code is not to be trusted.
      message: `The server failed ${isStream ? `during the answer (${url})` : `(${status} from ${url})`}${words}`,
      hint: "The cause is in the server's log.",
      isRetryable: true,
    };
  }
  return {
    code: "INVALID_REQUEST",
    message: `The server refused the request${isStream ? "" : ` (${status})`}${words}`,
    hint: `Correct ${isFieldPath(body.param) ? body.param : "what is named"}: sent again as it is, the request is refused again.`,
  };
}

function isFieldPath(param: string | undefined): param is string {
  return param !== undefined && /^[\w.[\]-]{1,100}$/.test(param);
}
