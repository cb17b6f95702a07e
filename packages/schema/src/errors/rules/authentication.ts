import type { ErrorBody } from "../error-body.ts";
import { pathProblem } from "../path-problem.ts";
import type { Rule } from "./rule.ts";

export const authentication: Rule = ({ message, status, url, body, context }) => {
  // LiteLLM without a database answers 400 for a key that is not its own.
  const isUnknownToLiteLlm = message === "No connected db.";
  if (status !== 401 && status !== 403 && !isUnknownToLiteLlm) return undefined;
  const { said, hint } = describe(body, status, url, context.hasKey);
  // vLLM checks the key before the path, so a wrong path below /v1 shows only as 401.
  const doubt = pathProblem(context.url);
  return { code: "AUTHENTICATION_FAILED", message: said, hint: doubt === undefined ? hint : `${hint} ${doubt}` };
};

function describe(
  body: ErrorBody,
  status: number,
  url: string,
  hasKey: boolean | undefined,
): { said: string; hint: string } {
  if (body.isHtml) {
    return {
      said: `A web page came back from ${url} instead of an answer (${status}).`,
      hint: "A proxy or firewall in between refuses the request: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
    };
  }
  if ((body.wrapper ?? body.message ?? "").includes("litellm.AuthenticationError")) {
    return {
      said: `The LiteLLM proxy at ${url} was refused by the vLLM server behind it (${status}).`,
      hint: "Set api_key of the model in LiteLLM's config to the key of the vLLM server.",
    };
  }
  if (hasKey === undefined) {
    return {
      said: `The server at ${url} wants another API key, or one at all (${status}).`,
      hint: "Set VLLM_API_KEY (or apiKey) to the value the server was started with (vllm serve --api-key).",
    };
  }
  return hasKey
    ? {
        said: `The server at ${url} refused the API key (${status}).`,
        hint: "Use the value the server was started with (vllm serve --api-key, or its VLLM_API_KEY).",
      }
    : {
        said: `The server at ${url} wants an API key, and none was sent (${status}).`,
        hint: "Set VLLM_API_KEY (or apiKey) to the value the server was started with.",
      };
}
