import type { Rule } from "./rule.ts";

/** What nginx, Go's servers and Apache write on a port for TLS. */
const PLAIN_ON_TLS_PORT =
  /plain HTTP request was sent to HTTPS port|sent an HTTP request to an HTTPS server|speaking plain HTTP to an SSL-enabled server/i;

export const tlsPort: Rule = ({ bodyText, status, url }) => {
  if (status !== 400 || !PLAIN_ON_TLS_PORT.test(bodyText)) return undefined;
  return {
    code: "WRONG_BASE_URL",
    message: `${url} is a port for HTTPS, and the request came as plain HTTP (400).`,
    hint: `Use https:// instead of http:// in baseUrl${URL.canParse(url) ? `: https://${new URL(url).host}/v1` : ""}.`,
  };
};
