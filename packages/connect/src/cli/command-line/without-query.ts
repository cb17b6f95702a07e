import { readAddress } from "@vllm/schema/core";
import { QUERY_IGNORED } from "@vllm/schema/internal";
import type { Output } from "../terminal/output.ts";

/**
 * An address that was typed, without its query. No request carries that, which is said here once: for the commands that show no findings.
 *
 * @throws {VllmError} `CONFIG_INVALID` when it is no address
 */
export function withoutQuery(address: string, output: Pick<Output, "warn">): string {
  if (readAddress(address).hasQuery !== true) return address;
  output.warn(QUERY_IGNORED.message, QUERY_IGNORED.fix);
  return address.slice(0, address.indexOf("?"));
}
