import type { ParsedToolCall } from "@vllm/client";
import { hintFor } from "./error-text.ts";
import type { PluginLogger } from "./stream-types.ts";
import type { Turn, WarnOnce } from "./turn.ts";

export function createWarnOnce(logger: PluginLogger): WarnOnce {
  const warned = new Set<string>();
  return (warning, { baseUrl, id, provider }) => {
    const key = [baseUrl, id, warning.code, warning.reason].join(" ");
    if (warned.has(key)) return;
    warned.add(key);
    logger.warn(`${id}: ${warning.message} ${hintFor(warning, provider)}`);
  };
}

/** Running what was found in text is the user's choice, so that it is said. */
export function warnRecovered(call: ParsedToolCall, { model, settings }: Turn): void {
  const parser = settings.profiles.get(model.baseUrl, model.id)?.toolParser?.value ?? "<parser>";
  settings.logger.warn(
    `${model.id}: a call of ${call.name} was found in the answer's text and is run. Start the server with --enable-auto-tool-choice --tool-call-parser ${parser}.`,
  );
}
