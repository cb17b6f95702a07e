import { displayUrl } from "../text/display-url.ts";
import { parseBaseUrl } from "../text/parse-base-url.ts";

/** Routes that vLLM has below `/v1` only. */
const OPENAI_ROUTES = /(^|\/)(chat\/completions|completions|models|responses|embeddings|messages)?$/;

/** What is wrong with the path of a request, as advice; undefined when nothing is seen to be. */
export function pathProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const path = new URL(url).pathname;
  if (/\/v1\/v1(\/|$)/.test(path)) return `/v1 is doubled in ${displayUrl(url)}: set baseUrl to ${apiRootOf(url)}.`;
  if (!/\/v1(\/|$)/.test(path) && OPENAI_ROUTES.test(path)) {
    return `The OpenAI routes of vLLM begin with /v1: set baseUrl to ${apiRootOf(url)}.`;
  }
  return undefined;
}

function apiRootOf(url: string): string {
  return displayUrl(parseBaseUrl(url)?.apiRoot ?? url);
}
