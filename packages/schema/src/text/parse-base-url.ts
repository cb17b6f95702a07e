import { MOST_ADDRESS } from "./most-address.ts";

/** The two roots of a server. Neither holds credentials or a query. */
export interface BaseUrl {
  /** Root of the OpenAI routes, without a trailing slash: `http://127.0.0.1:8000/v1`. */
  apiRoot: string;
  /** Root of vLLM's own routes (`/health`, `/version`, `/tokenize`): `http://127.0.0.1:8000`. */
  serverRoot: string;
}

/** Routes that people paste together with the address. */
const ROUTES =
  /\/(chat\/completions(\/batch)?|chat|completions|models|responses|embeddings|messages(\/count_tokens)?|audio\/(transcriptions|translations)|score|rerank|classify|pooling|health|ping|version|load|metrics|docs|redoc|openapi\.json|tokenize|detokenize|invocations)$/i;

const VERSION = /\/v1$/i;

/** No route is longer. */
const MOST_ROUTE = 40;

/** What comes along when an address is copied out of a sentence, a JSON file or a web page. */
const AROUND = /^[\s\p{Cf}"'`<]+|(?<![\s\p{Cf}"'`>,;])[\s\p{Cf}"'`>,;]+$/gu;

/** What is wrong with a text that only looks like an address. */
export type AddressSlip = "two-addresses" | "missing-colon" | "backslash";

/** Texts that the rest of this file would read as some other address. */
export function findSlip(text: string): AddressSlip | undefined {
  if (text.length > MOST_ADDRESS) return undefined;
  if (text.includes("\\")) return "backslash";
  if (/^\W*https?\/\//i.test(text)) return "missing-colon";
  const end = text.search(/[?#]/);
  const address = (end === -1 ? text : text.slice(0, end)).toLowerCase();
  return Math.max(address.lastIndexOf("http://"), address.lastIndexOf("https://")) > 0 ? "two-addresses" : undefined;
}

/** What people paste as the two roots; undefined when it is no http(s) address. */
export function parseBaseUrl(text: string): BaseUrl | undefined {
  const address = text.replace(AROUND, "");
  const url = findSlip(address) === undefined ? readUrl(address) : undefined;
  if (url === undefined) return undefined;
  const path = url.pathname.replace(/\/{2,}/g, "/").replace(/\/$/, "");
  const prefix = withoutEnds(withoutEnds(path, ROUTES), VERSION);
  const origin = `${url.protocol}//${credentials(url)}${url.host}`;
  return { apiRoot: `${origin}${prefix}/v1`, serverRoot: `${origin}${prefix}` };
}

/** The path without every end that fits. */
function withoutEnds(path: string, end: RegExp): string {
  let left = path;
  for (;;) {
    const found = end.exec(left.slice(-MOST_ROUTE));
    if (found === null) return left;
    left = left.slice(0, -found[0].length);
  }
}

function readUrl(text: string): URL | undefined {
  if (text === "" || text.length > MOST_ADDRESS || /[\s\p{Cc}]/u.test(text)) return undefined;
  const address = withScheme(text);
  if (address === undefined || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  return (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url : undefined;
}

function withScheme(text: string): string | undefined {
  // A path, or a host name that was left out, would make "v1" the host.
  if (/^(https?:\/\/)?\/(?!\/)/i.test(text)) return undefined;
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
