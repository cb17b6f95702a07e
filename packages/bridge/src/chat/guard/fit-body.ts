import type { VllmError } from "@vllm/schema/core";
import type { Body, ProfileRules, WireProtocol } from "./wire-protocol.ts";

/** A body as the server takes it, and what was changed, in words without any content. The same body where nothing is. */
export function fitBody(protocol: WireProtocol, body: Body, profile: ProfileRules): { body: Body; changes: string[] } {
  const changes: string[] = [];
  let fitted = body;
  const window = profile?.contextWindow;
  const limit = window === undefined || window.source === "assumed" ? undefined : window.value;
  const lowered = limit === undefined ? undefined : lowerOutput(protocol, fitted, limit);
  if (lowered !== undefined) {
    fitted = lowered.body;
    changes.push(lowered.change);
  }
  const rule = profile?.history?.value.firstSystem;
  const folded = rule === "rejected" || rule === "dropped" ? protocol.foldSystem(fitted) : fitted;
  if (folded !== fitted) changes.push("the system prompt sent in front of the first user message");
  return { body: folded, changes };
}

/** After a refusal: the request with the output that the window has room for; undefined when the output is not what is too long. */
export function fitAfterRefusal(
  protocol: WireProtocol,
  body: Body,
  { maxModelLen, promptTokens, promptTokensAtLeast }: VllmError,
): { body: Body; change: string } | undefined {
  if (maxModelLen === undefined) return undefined;
  const isKnown = promptTokens !== undefined && promptTokensAtLeast !== true;
  const room = isKnown ? maxModelLen - promptTokens : maxModelLen;
  return room < 1 ? undefined : lowerOutput(protocol, body, room, isKnown ? room : undefined);
}

function lowerOutput(
  { outputField, isOutputOptional }: WireProtocol,
  body: Body,
  below: number,
  to = isOutputOptional ? undefined : below - 1,
): { body: Body; change: string } | undefined {
  const asked = body[outputField];
  if (typeof asked !== "number" || asked < below || asked === to) return undefined;
  const { [outputField]: _, ...rest } = body;
  return to === undefined
    ? { body: rest, change: `${outputField} ${asked} removed, the window has no room for it` }
    : { body: { ...body, [outputField]: to }, change: `${outputField} ${asked} lowered to ${to}` };
}
