import { VllmError } from "@vllm/schema/core";
import type { ReadyServer } from "./choose-server.ts";

/** What is lost where an agent asks the server itself: it sends a key, and no user name and password of an address. */
export function unsentLogin({ report, key }: ReadyServer): VllmError | undefined {
  if (!report.access.credentialsInUrl || key !== undefined) return undefined;
  return new VllmError({
    code: "CONFIG_INVALID",
    message: "Agents do not send the user name and password in the address.",
    hint: "A bridge does: npx @vllm/connect launch puts one in between unless --direct is set, and npx @vllm/connect bridge --upstream <address> runs one whose address an agent can use.",
  });
}
