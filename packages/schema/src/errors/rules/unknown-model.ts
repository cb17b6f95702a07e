import { notServed } from "../../model/not-served.ts";
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
  return { code: "MODEL_NOT_FOUND", ...notServed(asked, availableModels), availableModels };
};

const ALIASES = "Valid aliases: ";

function aliasesIn(message: string): string[] | undefined {
  const start = message.indexOf(ALIASES);
  if (start < 0) return undefined;
  return message
    .slice(start + ALIASES.length)
    .replace(/\.$/, "")
    .split(", ");
}
