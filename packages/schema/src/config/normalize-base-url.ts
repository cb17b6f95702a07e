import { VllmError } from "../errors/vllm-error.ts";
import { displayUrl } from "../text/display-url.ts";
import { findSlip, parseBaseUrl } from "../text/parse-base-url.ts";
import type { AddressSlip, BaseUrl } from "../text/parse-base-url.ts";

/**
 * Accepts what people paste: no scheme (`localhost:8000`, `:8000`, `8000`), no `/v1`, a trailing slash, a whole route such as
 * `/v1/chat/completions`, quotes and commas around it. A path in front of `/v1` (`--root-path`, a gateway's prefix) and a user name with password are kept;
 * query and fragment are dropped.
 *
 * @throws {VllmError} `CONFIG_INVALID` when the text is no http(s) address.
 */
export function normalizeBaseUrl(text: string): BaseUrl {
  const found = parseBaseUrl(text);
  if (found === undefined) throw notAnAddress(text.trim());
  return found;
}

const SLIPS: Readonly<Record<AddressSlip, string>> = {
  "two-addresses":
    "This is more than one address. Use the address of one server; a router in front of several has one, too.",
  "missing-colon": "A colon is missing behind http: write http://127.0.0.1:8000/v1.",
  backslash: "An address has slashes, no backslashes: write http://127.0.0.1:8000/v1.",
};
const BARE_IPV6 = "Write an IPv6 address in brackets, with the port behind them: http://[::1]:8000/v1.";
const USUAL = "Use the address that `vllm serve` prints plus /v1, for example http://127.0.0.1:8000/v1.";

function notAnAddress(text: string): VllmError {
  const isBareIpv6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(text);
  const slip = findSlip(text);
  const received = text === "" ? "an empty string" : JSON.stringify(displayUrl(text).slice(0, 200));
  return new VllmError({
    code: "CONFIG_INVALID",
    message: text === "" ? "The address is empty." : `${received} is not the address of an HTTP server.`,
    hint: isBareIpv6 ? BARE_IPV6 : slip === undefined ? USUAL : SLIPS[slip],
    issues: [
      {
        path: "baseUrl",
        received,
        accepted: "an http:// or https:// address",
        fix: "Change baseUrl (or VLLM_BASE_URL), for example to http://127.0.0.1:8000/v1.",
      },
    ],
  });
}
