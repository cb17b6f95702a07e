import { VllmError } from "@vllm/schema/core";
import type { BridgeKey, BridgeOptions } from "../options/bridge-options.ts";

/** Of vLLM's `cache_salt`. */
const LONGEST_SALT = 1024;

/**
 * The keys of which clients of the bridge must send one; none when no key is asked for. `held` names what the bridge sends to vLLM for them.
 *
 * @throws {VllmError} `CONFIG_INVALID` when the bridge would send it for everyone, or a key of its own cannot be used
 */
export function readOwnKeys(
  { key, keys = [], open = false }: Pick<BridgeOptions, "key" | "keys" | "open">,
  held: string | undefined,
): readonly BridgeKey[] {
  const own = [
    ...(key === undefined ? [] : [readKey({ key }, "the key (key, or VLLM_BRIDGE_KEY)")]),
    ...keys.map((each, at) => readKey(each, `keys[${at}]`)),
  ];
  if (own.length > 0 && open) throw contradiction();
  if (own.length === 0 && held !== undefined && !open) throw servesEveryone(held);
  const values = own.map((each) => each.key);
  const twice = values.findIndex((value, at) => values.indexOf(value) !== at);
  if (twice !== -1) throw isThereTwice();
  return own;
}

function readKey({ key, cacheSalt, priority }: BridgeKey, name: string): BridgeKey {
  const sendable = typeof key === "string" ? key.trim() : "";
  if (!/^[\u0021-\u007e]+$/.test(sendable)) throw notSendable(sendable === "", name);
  if (cacheSalt !== undefined && !isSalt(cacheSalt)) {
    throw invalid(
      `The cacheSalt of ${name} is not a text of 1 to ${LONGEST_SALT} characters.`,
      `Use a text that nobody guesses, such as the output of openssl rand -hex 24, or leave cacheSalt out.`,
    );
  }
  if (priority !== undefined && !Number.isSafeInteger(priority)) {
    throw invalid(
      `The priority of ${name} is not a whole number.`,
      "Use 0 for the usual priority, a lower number to be served earlier.",
    );
  }
  return { key: sendable, cacheSalt, priority };
}

function isSalt(value: unknown): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_SALT;
}

function servesEveryone(held: string): VllmError {
  return invalid(
    `The bridge would send ${held} to vLLM for every program and every user of this machine.`,
    'Give the bridge a key that its clients must send: key: "…" (npx @vllm/connect bridge: VLLM_BRIDGE_KEY="$(openssl rand -hex 24)"). To serve everyone on purpose: open: true (npx @vllm/connect bridge --open).',
  );
}

function notSendable(isEmpty: boolean, name: string): VllmError {
  return invalid(
    `The bridge's own key ${isEmpty ? "is empty" : "holds a blank or another character that cannot stand in a header"}.`,
    `Check ${name}; any text of letters and digits will do.`,
  );
}

function isThereTwice(): VllmError {
  return invalid("Two keys of the bridge are the same.", "Give each entry of keys a key of its own, other than key.");
}

function contradiction(): VllmError {
  return invalid("The bridge has a key of its own and is to be open.", "Leave out either key and keys, or open.");
}

function invalid(message: string, hint: string): VllmError {
  return new VllmError({ code: "CONFIG_INVALID", message, hint });
}
