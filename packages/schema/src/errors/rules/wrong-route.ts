import { pathProblem } from "../path-problem.ts";
import type { Rule } from "./rule.ts";

/** A path that is not served. Answers that name a model or a thing of the request are told by other rules. */
export const wrongRoute: Rule = ({ message, status, httpStatus, body, url, context }) => {
  if (status >= 300 && status < 400) {
    return {
      code: "WRONG_BASE_URL",
      message: `${url} sends the request on to another address (${status}).`,
      hint: "Use the address it points to as baseUrl, without a trailing slash.",
    };
  }
  const isMissing = status === 404 || status === 405;
  if (body.isHtml && (isMissing || httpStatus < 300)) {
    return {
      code: "NOT_VLLM",
      message: `A web page came back from ${url} instead of an answer (${httpStatus}).`,
      hint: "Something else than vLLM answers there: check host, port and path of baseUrl. vLLM's is http://127.0.0.1:8000/v1 unless said otherwise.",
    };
  }
  if (!isMissing || !NO_ROUTE.test(message)) return undefined;
  if (status === 405) {
    return {
      code: "WRONG_BASE_URL",
      message: `${url} does not take requests of this method (405).`,
      hint: pathProblem(context.url) ?? WRONG_METHOD,
    };
  }
  return {
    code: "WRONG_BASE_URL",
    message: `${url} is not a route of this server (${status}).`,
    hint: pathProblem(context.url) ?? adviseOn(url),
  };
};

const NO_ROUTE = /^(?:|Not Found|Method Not Allowed|404 page not found|404: Not Found)\.?$/i;

/** A server of web pages has every path, and takes GET there. */
const WRONG_METHOD =
  "Something answers at this path, but not as vLLM does: check host, port and the path in front of /v1. vLLM takes POST on /v1/chat/completions, and only GET on /v1/models and /health.";

/** The path looks right, and still the server does not have it. */
function adviseOn(url: string): string {
  if (url.endsWith("/v1/responses"))
    return "vLLM has this route since 0.10; use /v1/chat/completions with older servers.";
  if (url.endsWith("/v1/messages"))
    return "vLLM has this route since 0.12; use /v1/chat/completions with older servers.";
  if (/\/(embeddings|score|rerank|pooling|classify)$/.test(url))
    return "Only servers of embedding and ranking models have this route.";
  if (/\/(chat\/completions|completions)$/.test(url)) {
    return "Only servers of models that write text have this route: an embedding model has not, and another kind of server may not.";
  }
  return "Check the path in front of /v1 in baseUrl, and whether this server is vLLM itself or a router that lacks the route.";
}
