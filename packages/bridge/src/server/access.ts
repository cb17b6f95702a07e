import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { VllmError } from "@vllm/schema/core";
import type { BridgeKey, BridgeOptions } from "../options/bridge-options.ts";
import { CHALLENGE } from "../status/bridge-status.ts";
import { isAllowedOrigin } from "./cross-origin.ts";

/** True for names and addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || /^127(?:\.\d{1,3}){3}$/.test(name);
}

/**
 * Lets a request in, by the key that it returns, or throws. Web pages are kept out: a page in a browser can send requests to loopback, and a name of its own that
 * points there (DNS rebinding) lets it read the answers.
 *
 * @throws {VllmError} `AUTHENTICATION_FAILED`
 */
export function checkAccess(
  request: IncomingMessage,
  response: ServerResponse,
  { keys, allowOrigins }: { keys: readonly BridgeKey[] } & Pick<BridgeOptions, "allowOrigins">,
): BridgeKey | undefined {
  const { host } = request.headers;
  if (!isAllowedOrigin(request, allowOrigins)) {
    throw refused(
      403,
      "The request comes from a web page (its Origin or Sec-Fetch-Site header says so).",
      "Name the page's origin to the bridge (allowOrigins), or ask vLLM itself from a browser.",
    );
  }
  if (keys.length === 0) {
    const name = (host ?? "").replace(/:\d+$/, "");
    if (host === undefined || isLoopback(name)) return undefined;
    const hint = "Use http://127.0.0.1:<port>/v1, or give the bridge a key.";
    throw refused(403, "Without a key the bridge answers only to loopback names.", hint);
  }
  const given = givenKey(request.headers);
  // Digests have one length, so that neither the length nor a common beginning takes a time of its own; nor does the place among the keys.
  const [found] = given === undefined ? [] : keys.filter(({ key }) => timingSafeEqual(digest(given), digest(key)));
  if (found !== undefined) return found;
  response.setHeader("www-authenticate", CHALLENGE);
  const what = given === undefined ? "The request has no key." : "The key of the request is not the bridge's.";
  throw refused(
    401,
    what,
    "Send the key that the bridge was started with: what VLLM_BRIDGE_KEY, or else VLLM_API_KEY, held there.",
  );
}

/** In the header of OpenAI's clients, or in the one of Anthropic's. */
function givenKey({ authorization, "x-api-key": anthropic }: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? anthropic?.toString();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function refused(status: number, message: string, hint: string): VllmError {
  return new VllmError({ code: "AUTHENTICATION_FAILED", status, message, hint });
}
