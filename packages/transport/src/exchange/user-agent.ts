import { VERSION } from "@vllm/schema/internal";

/** What sends the requests. Some gateways turn away those that do not say. */
export const USER_AGENT = `vllm-client/${VERSION}`;

/** Whether the requests of this runtime are a browser's, which names itself: a server would have to allow another name (CORS). */
export function isBrowser(navigator: { userAgent?: unknown } | undefined = globalThis.navigator): boolean {
  return String(navigator?.userAgent).startsWith("Mozilla/");
}
