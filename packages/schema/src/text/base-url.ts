export interface BaseUrl {
  /** Root of the OpenAI routes, without a trailing slash: `http://127.0.0.1:8000/v1`. */
  apiRoot: string;
  /** Root of vLLM's own routes (`/health`, `/version`, `/tokenize`): `http://127.0.0.1:8000`. */
  serverRoot: string;
}

/** Routes that people paste together with the address. */
const ROUTES =
  /\/(chat\/completions|chat|completions|models|responses|embeddings|messages|health|ping|version|metrics|docs|openapi\.json|tokenize|detokenize)$/;

/** What people paste as the two roots; undefined when it is no http(s) address. */
export function parseBaseUrl(text: string): BaseUrl | undefined {
  const url = readUrl(text.trim());
  if (url === undefined) return undefined;
  let path = url.pathname.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  while (ROUTES.test(path)) path = path.replace(ROUTES, "");
  const prefix = path.replace(/(\/v1)+$/, "");
  const origin = `${url.protocol}//${credentials(url)}${url.host}`;
  return { apiRoot: `${origin}${prefix}/v1`, serverRoot: `${origin}${prefix}` };
}

function readUrl(text: string): URL | undefined {
  if (text === "" || /[\s\p{Cc}\\]/u.test(text)) return undefined;
  const address = withScheme(text);
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url : undefined;
}

function withScheme(text: string): string | undefined {
  if (/^https?:/i.test(text)) return text;
  // Only a port: this machine. As a host name, 8000 would be the address 0.0.31.64.
  const port = /^:?(\d{1,5})(\/.*)?$/.exec(text);
  if (port !== null) return `http://127.0.0.1:${port[1]}${port[2] ?? ""}`;
  const isOtherScheme = /^[^/?#]*:\/\/|^[a-z][a-z0-9+.-]*:(?!\d)[^@]*$/i.test(text);
  return isOtherScheme ? undefined : `http://${text.replace(/^\/+/, "")}`;
}

function credentials(url: URL): string {
  if (url.username === "" && url.password === "") return "";
  return `${url.username}${url.password === "" ? "" : `:${url.password}`}@`;
}

/** The address as it may be shown: no credentials, query or fragment. Also for texts that are no address. */
export function displayUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    return `${url.protocol}//${url.host}${url.pathname}`;
  }
  return text.replace(/[?#].*$/s, "").replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1");
}
