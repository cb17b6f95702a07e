import { VllmError } from "../errors/vllm-error.ts";

/** A key as the agents send it: without line breaks and the blanks around it; undefined when nothing is left. */
export function cleanApiKey(text: string | undefined): string | undefined {
  const key = text?.replace(/[\r\n]/g, "").trim() ?? "";
  return key === "" ? undefined : key;
}

/**
 * The same for whoever sends it. Every character of such a key can stand in a header.
 *
 * @throws {VllmError} `CONFIG_INVALID`, which does not repeat the key
 */
export function sendableApiKey(text: string | undefined): string | undefined {
  const key = cleanApiKey(text);
  if (key === undefined || /^[\u0021-\u007e]+$/.test(key)) return key;
  throw new VllmError({
    code: "CONFIG_INVALID",
    message: "The API key holds a blank or another character that cannot stand in a header.",
    hint: "Check the key (apiKey, or VLLM_API_KEY): it is often pasted with quotes or with words around it.",
  });
}
