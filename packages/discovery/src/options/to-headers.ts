import { VllmError } from "@vllm/schema/core";
import { sendableApiKey } from "@vllm/schema/internal";

export interface Credentials {
  apiKey?: string | undefined;
  /** Header of the user name and password that stood in the address. */
  authorization?: string | undefined;
  /** The caller's own; they win. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * What is sent with every question, names in lower case: two spellings of one name would be sent as one, with both values. `fetch` would take
 * a header that HTTP does not allow for a server that does not answer.
 *
 * @throws {VllmError} `CONFIG_INVALID` when the key or a header cannot be sent; neither is repeated
 */
export function toHeaders({ apiKey, authorization, headers = {} }: Credentials): Record<string, string> {
  const key = sendableApiKey(apiKey);
  const login = key === undefined ? authorization : `Bearer ${key}`;
  const sent: Record<string, string> = login === undefined ? {} : { authorization: login };
  for (const [name, value] of Object.entries(headers)) {
    if (!isSendable(name, value)) throw badHeader(name);
    sent[name.toLowerCase()] = value;
  }
  return sent;
}

function isSendable(name: string, value: string): boolean {
  try {
    return new Headers([[name, value]]).has(name);
  } catch {
    return false;
  }
}

function badHeader(name: string): VllmError {
  return new VllmError({
    code: "CONFIG_INVALID",
    message: `The header ${JSON.stringify(name)} cannot be sent: its name or its value holds a character that HTTP does not allow.`,
    hint: "Correct it in headers; a value is often pasted with a line break.",
  });
}
