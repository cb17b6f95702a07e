import type { RecoverOptions } from "@vllm/client";
import type { BridgeOptions } from "../options/bridge-options.ts";

/** What the client looks for in the text: thoughts and calls, unless the options say otherwise. */
export function toRecover({ recover }: BridgeOptions): RecoverOptions | undefined {
  return recover === false ? undefined : (recover ?? { thinkTags: true, toolCallText: true });
}
