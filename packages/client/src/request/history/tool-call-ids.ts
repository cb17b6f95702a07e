import type { PlainMessage } from "./to-plain-message.ts";

/** Gives the id of a call, from its name, its number in the conversation and its old id. */
export type IdScheme = (call: { name: string; position: number; id: string }) => string;

/**
 * Rewrites the ids of all calls, and of their results alike. Results follow their calls, so a repeated id (Kimi K2 repeats
 * its own) belongs to the first call of that id which has no result yet.
 */
export function rewriteToolCallIds(messages: readonly PlainMessage[], scheme: IdScheme): void {
  let position = 0;
  const open = new Map<string, string[]>();
  const last = new Map<string, string>();
  for (const message of messages) {
    if (message.role === "tool" && typeof message.tool_call_id === "string") {
      const old = message.tool_call_id;
      message.tool_call_id = open.get(old)?.shift() ?? last.get(old) ?? old;
    }
    for (const call of message.tool_calls ?? []) {
      const old = typeof call.id === "string" ? call.id : "";
      const name = typeof call.function?.name === "string" ? call.function.name : "";
      const id = scheme({ name, position, id: old });
      call.id = id;
      last.set(old, id);
      const unanswered = open.get(old);
      if (unanswered === undefined) open.set(old, [id]);
      else unanswered.push(id);
      position += 1;
    }
  }
}

/** `functions.<name>:<n>`, one counter for the conversation: the id is a part of Kimi K2's prompt. */
export const kimiK2Ids: IdScheme = ({ name, position }) => `functions.${name}:${position}`;

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Nine letters or digits. Ids that are so already stay; others get one made of themselves, the same in every request. */
export function createMistralIds(): IdScheme {
  const used = new Set<string>();
  // A model may repeat one id in every call: the attempts made for it before need not be made again.
  const attempts = new Map<string, number>();
  return ({ id }) => {
    let attempt = attempts.get(id) ?? 0;
    let candidate: string;
    do {
      candidate = attempt > 0 ? toNineCharacters(`${id}#${attempt}`) : isNineCharacters(id) ? id : toNineCharacters(id);
      attempt += 1;
    } while (used.has(candidate));
    attempts.set(id, attempt);
    used.add(candidate);
    return candidate;
  };
}

function isNineCharacters(id: string): boolean {
  return /^[A-Za-z0-9]{9}$/.test(id);
}

/** FNV-1a in 64 bits, written in base 62. */
function toNineCharacters(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  let name = "";
  for (let index = 0; index < 9; index += 1) {
    name += LETTERS.charAt(Number(hash % 62n));
    hash /= 62n;
  }
  return name;
}
