import type { RecoverOptions } from "@vllm/client";
import type { BridgeOptions } from "../options/bridge-options.ts";

/** What the client looks for in the text: reasoning and calls, unless the options say otherwise. */
export function toRecover({ recover }: Pick<BridgeOptions, "recover">): RecoverOptions | undefined {
  return recover === false ? undefined : (recover ?? { thinkTags: true, toolCallText: true });
}
