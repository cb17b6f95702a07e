import { MOST_ADDRESS } from "./most-address.ts";

/** The address as it may be shown: no credentials, query or fragment. Also for texts that are no address. */
export function displayUrl(text: string): string {
  if (text.length <= MOST_ADDRESS && /^https?:\/\//i.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    return `${url.protocol}//${url.host}${url.pathname}`;
  }
  return text.replace(/[?#].*$/s, "").replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1");
}
