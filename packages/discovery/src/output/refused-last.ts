import { isBefore } from "../server/is-before.ts";

/**
 * Makes vLLM refuse a chat request that it has checked to the end: the rank is the last thing it looks at, and no server has so many.
 * A server that does not know the header answers the request.
 */
export const REFUSED_LAST = { "x-data-parallel-rank": "999999" };

/** Whether a server of this version is sure to refuse such a request. */
export function refusesLast(version: string | undefined): boolean {
  return version !== undefined && !isBefore(version, "0.10.2");
}
