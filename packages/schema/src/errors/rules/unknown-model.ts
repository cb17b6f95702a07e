import { nearest } from "../../text/nearest.ts";
import type { Rule } from "./rule.ts";

/** Each begins the message, so that no words of the request can pass for it; the group is the model that was asked for. */
const TEXTS: readonly RegExp[] = [
  /^The model [`'"]([^`'"\s]{1,200})[`'"] (?:does not exist|not found)/,
  /^Model '([^'\s]{1,200})' not found/,
  /^(?:litellm\.\w+: )?(?:\/[\w/]+: )?Invalid model name passed in model=(\S{1,200}?)\.? /,
  /^Got request for model "([^"\s]{1,200})"\. Could not find base model/,
  /^(?:The )?LoRA adapter (\S{1,200}) does not exist/,
];

export const unknownModel: Rule = ({ message, body, status, context }) => {
  const said = TEXTS.map((text) => text.exec(message)).find((found) => found !== null);
  if (said === undefined && !(status === 404 && body.param === "model")) return undefined;
  const availableModels = context.availableModels ?? aliasesIn(message);
  const asked = context.model ?? said?.[1];
  const suggestion = asked === undefined ? undefined : suggest(asked, availableModels ?? []);
  const shown = asked === undefined ? "The requested model" : `The model "${asked}"`;
  return {
    code: "MODEL_NOT_FOUND",
    message: `${shown} is not served here.${describeServed(availableModels)}`,
    hint: adviseOn(availableModels, suggestion),
    availableModels,
    suggestion,
  };
};

function suggest(asked: string, served: readonly string[]): string | undefined {
  return served.length === 1 ? served[0] : nearest(asked, served);
}

function describeServed(ids: readonly string[] | undefined): string {
  if (ids === undefined) return "";
  if (ids.length === 0) return " The server lists no model at all.";
  const shown = ids.slice(0, 10).join(", ");
  return ` Served: ${shown}${ids.length > 10 ? ` and ${ids.length - 10} more` : ""}.`;
}

function adviseOn(served: readonly string[] | undefined, suggestion: string | undefined): string {
  if (served?.length === 1) return `Use "${served[0]}", the only model that is served.`;
  if (suggestion !== undefined) return `Did you mean "${suggestion}"?`;
  if (served !== undefined && served.length > 1) return "Use one of the served ids exactly as they are spelled.";
  return "GET /v1/models lists the served ids; the id is what --served-model-name says.";
}

const ALIASES = "Valid aliases: ";

function aliasesIn(message: string): string[] | undefined {
  const start = message.indexOf(ALIASES);
  if (start < 0) return undefined;
  return message
    .slice(start + ALIASES.length)
    .replace(/\.$/, "")
    .split(", ");
}
