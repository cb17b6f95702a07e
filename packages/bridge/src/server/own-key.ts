import { VllmError } from "@vllm/schema/core";
import type { BridgeOptions } from "../options/bridge-options.ts";

/**
 * The key that clients of the bridge must send; undefined when none is asked for. `held` names what the bridge sends to vLLM for them.
 *
 * @throws {VllmError} `CONFIG_INVALID` when the bridge would send it for everyone, or its own key cannot be sent
 */
export function readOwnKey({ key, open = false }: BridgeOptions, held: string | undefined): string | undefined {
  if (key !== undefined) {
    const sendable = key.trim();
    if (!/^[\u0021-\u007e]+$/.test(sendable)) throw notSendable(sendable === "");
    if (open) throw contradiction();
    return sendable;
  }
  if (held !== undefined && !open) throw servesEveryone(held);
  return undefined;
}

function servesEveryone(held: string): VllmError {
  return invalid(
    `The bridge would send ${held} to vLLM for every program and every user of this machine.`,
    'Give the bridge a key that its clients must send: key: "…" (npx @vllm/connect bridge: VLLM_BRIDGE_KEY="$(openssl rand -hex 24)"). To serve everyone on purpose: open: true (npx @vllm/connect bridge --open).',
  );
}

function notSendable(isEmpty: boolean): VllmError {
  return invalid(
    `The bridge's own key ${isEmpty ? "is empty" : "holds a blank or another character that cannot stand in a header"}.`,
    "Check the key (key, or VLLM_BRIDGE_KEY); any text of letters and digits will do.",
  );
}

function contradiction(): VllmError {
  return invalid("The bridge has a key of its own and is to be open.", "Leave out either key or open.");
}

function invalid(message: string, hint: string): VllmError {
  return new VllmError({ code: "CONFIG_INVALID", message, hint });
}
