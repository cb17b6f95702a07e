import { QUERY_IGNORED } from "@vllm/schema/internal";
import type { FindingRule } from "../finding-rule.ts";

export const key: FindingRule = ({ state, access, capabilities, error, serverRoot }) => {
  if (state === "locked") {
    return [
      {
        code: error?.reason === "proxy" ? "SERVER_PROXY_FAILED" : access.keySent ? "KEY_WRONG" : "KEY_MISSING",
        severity: "error",
        message: error?.message ?? `${serverRoot} requires a key.`,
        fix: error?.hint ?? "Set VLLM_API_KEY to the key that the server was started with.",
      },
    ];
  }
  if (access.keySent && capabilities.apiKey.status === "no") {
    return [
      {
        code: "KEY_NOT_NEEDED",
        severity: "info",
        message: "The server answers without a key; the one that was sent is not looked at.",
        fix: "Nothing to do. To guard the server, start it with --api-key (it guards /v1 only).",
      },
    ];
  }
  return [];
};

export const openRoutes: FindingRule = ({ capabilities, serverRoot }) =>
  capabilities.openWithoutKey.status === "yes"
    ? [
        {
          code: "OPEN_WITHOUT_KEY",
          severity: "warning",
          message: `The key guards /v1 only: ${serverRoot}/invocations answers whole chats without one, and /tokenize and /metrics are open, too.`,
          fix: "Let nobody but a proxy reach the server (--host 127.0.0.1), and have the proxy pass on /v1 only.",
        },
      ]
    : [];

export const credentialsInUrl: FindingRule = ({ access }) =>
  access.credentialsInUrl
    ? [
        {
          code: "CREDENTIALS_IN_URL",
          severity: "warning",
          message:
            "The base URL holds a user name and password. They were sent as a header; fetch refuses such an address, and so do the agents.",
          fix: "Take them out of the base URL and set the header: Authorization: Basic <base64 of user:password>.",
        },
      ]
    : [];

export const queryInUrl: FindingRule = ({ access }) =>
  access.queryInUrl ? [{ code: "QUERY_IN_URL", severity: "warning", ...QUERY_IGNORED }] : [];

export const browsers: FindingRule = ({ capabilities, state }) =>
  state === "ready" && capabilities.browserAccess.status === "no"
    ? [
        {
          code: "BROWSERS_REFUSED",
          severity: "info",
          message:
            "A web page at http://localhost may not use the server: it got no CORS header. Pages of another origin may, if --allowed-origins lists it (vLLM 0.32 and later list none by default).",
          fix: "Only for use in a browser: start the server with --allowed-origins and the page's origin, as in --allowed-origins '[\"http://localhost:5173\"]'.",
        },
      ]
    : [];
