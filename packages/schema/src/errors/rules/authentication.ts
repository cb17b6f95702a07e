import { pathProblem } from "../path-problem.ts";
import type { Answer, Finding, Rule } from "./rule.ts";

export const authentication: Rule = (answer) => {
  const { message, status, context } = answer;
  // LiteLLM without a database answers 400 for a key that is not its own.
  const isUnknownToLiteLlm = message === "No connected db.";
  if (status !== 401 && status !== 403 && !isUnknownToLiteLlm) return undefined;
  const { said, hint, isProxy = false } = (isUnknownToLiteLlm ? undefined : byProxy(answer)) ?? byServer(answer);
  // vLLM checks the key before the path, so a wrong path below /v1 shows only as 401.
  const doubt = pathProblem(context.url);
  return {
    code: "AUTHENTICATION_FAILED",
    reason: isProxy ? "proxy" : undefined,
    message: said,
    hint: doubt === undefined ? hint : `${hint} ${doubt}`,
  } satisfies Finding;
};

interface Words {
  said: string;
  hint: string;
  isProxy?: boolean;
}

const CHECK_PROXIES = "A proxy or firewall in between refuses the request: check HTTP_PROXY, HTTPS_PROXY and NO_PROXY";

/** vLLM refuses with 401 and JSON, and knows no other way to prove who one is than a key: anything else is not about its key. */
function byProxy({ body, status, url, isText, authenticate, context }: Answer): Words | undefined {
  if (/(?:^|,)\s*basic\b/i.test(authenticate ?? "")) {
    return {
      isProxy: true,
      said: `A proxy in front of the server requires a user name and password (${status} from ${url}).`,
      hint: context.hasUnsentLogin === true ? KEY_WON : context.hasKey === true ? LOGIN_REFUSED : WRITE_LOGIN,
    };
  }
  if (body.isHtml) {
    return {
      isProxy: true,
      said: `A web page came back from ${url} instead of an answer (${status}).`,
      hint: `${CHECK_PROXIES}${status === 401 ? ", or put the user name and password that it requires into the address (http://user:password@host/v1)" : ""}.`,
    };
  }
  if (status !== 403 && !isText) return undefined;
  return {
    isProxy: true,
    said: `A proxy, gateway or firewall in front of the server refused the request (${status} from ${url}).`,
    hint: `${CHECK_PROXIES}, and what a gateway allows this key. vLLM itself refuses a key in another way (401, as JSON).`,
  };
}

const WRITE_LOGIN =
  "Put them into the address (baseUrl: http://user:password@host/v1), or send them as a header (authorization: Basic <base64 of user:password>). A key of vLLM itself takes the same header, so let the proxy add that one.";
const KEY_WON =
  'The user name and password in the address (baseUrl) were not sent: the API key takes the same header (Authorization), and only one can be sent. Leave the key out (apiKey, VLLM_API_KEY), and let the proxy add it: nginx, proxy_set_header Authorization "Bearer <key>".';
const LOGIN_REFUSED =
  'What was sent in the Authorization header was refused. A user name and password belong into the address (baseUrl: http://user:password@host/v1), without an API key, which takes the same header: let the proxy add the key (nginx: proxy_set_header Authorization "Bearer <key>").';

function byServer({ body, status, url, context: { hasKey } }: Answer): Words {
  if ((body.wrapper ?? body.message ?? "").includes("litellm.AuthenticationError")) {
    return {
      said: `The LiteLLM proxy at ${url} was refused by the vLLM server behind it (${status}).`,
      hint: "Set api_key of the model in LiteLLM's config to the key of the vLLM server.",
    };
  }
  if (hasKey === undefined) {
    return {
      said: `The server at ${url} requires another API key, or one at all (${status}).`,
      hint: "Set VLLM_API_KEY (or apiKey) to the value the server was started with (vllm serve --api-key).",
    };
  }
  return hasKey
    ? {
        said: `The server at ${url} refused the API key (${status}).`,
        hint: "Use the value the server was started with (vllm serve --api-key, or its VLLM_API_KEY).",
      }
    : {
        said: `The server at ${url} requires an API key, and none was sent (${status}).`,
        hint: "Set VLLM_API_KEY (or apiKey) to the value the server was started with.",
      };
}
