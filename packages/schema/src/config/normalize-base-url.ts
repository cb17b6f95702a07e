import { VllmError } from "../errors/vllm-error.ts";
import { displayUrl } from "../text/display-url.ts";
import { parseBaseUrl } from "../text/parse-base-url.ts";
import type { BaseUrl } from "../text/parse-base-url.ts";

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

function notAnAddress(text: string): VllmError {
  const isBareIpv6 = /^[\da-f]*:[\da-f]*:[\da-f:.]*(%\w+)?$/i.test(text);
  const received = text === "" ? "an empty string" : JSON.stringify(displayUrl(text).slice(0, 200));
  return new VllmError({
    code: "CONFIG_INVALID",
    message: text === "" ? "The address is empty." : `${received} is not the address of an HTTP server.`,
    hint: isBareIpv6
      ? "Write an IPv6 address in brackets, with the port behind them: http://[::1]:8000/v1."
      : "Use the address that `vllm serve` prints plus /v1, for example http://127.0.0.1:8000/v1.",
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
