import { nearest } from "../text/nearest.ts";

/** A model that a server does not have, in the words that all `@vllm` packages use. */
export interface NotServed {
  /** `The model "X" is not served here. Served: A, B.` */
  message: string;
  /** What to use instead. */
  hint: string;
  /** The id that was probably meant. */
  suggestion: string | undefined;
}

/** How the sentence is worded. Everything is optional. */
export interface NotServedOptions {
  /** What is not there, as it begins the sentence. */
  subject?: string | undefined;
  /** How the reader names a model, for example `--model X`. Default: the id in quotes. */
  name?: ((id: string) => string) | undefined;
}

const MOST_SHOWN = 10;

/**
 * @param asked undefined when nobody knows which one
 * @param served the ids that the server lists; undefined when nobody knows them
 */
export function notServed(
  asked: string | undefined,
  served: readonly string[] | undefined,
  { subject, name = (id) => `"${id}"` }: NotServedOptions = {},
): NotServed {
  const shown = subject ?? (asked === undefined ? "The requested model" : `The model "${asked}"`);
  const suggestion = asked === undefined || served === undefined ? undefined : suggest(asked, served);
  return {
    message: `${shown} is not served here.${describeServed(served)}`,
    hint: advise(served, suggestion, name),
    suggestion,
  };
}

function suggest(asked: string, served: readonly string[]): string | undefined {
  return served.length === 1 ? served[0] : nearest(asked, served);
}

function describeServed(ids: readonly string[] | undefined): string {
  if (ids === undefined) return "";
  if (ids.length === 0) return " The server lists no model at all.";
  const shown = ids.slice(0, MOST_SHOWN).join(", ");
  return ` Served: ${shown}${ids.length > MOST_SHOWN ? ` and ${ids.length - MOST_SHOWN} more` : ""}.`;
}

function advise(
  served: readonly string[] | undefined,
  suggestion: string | undefined,
  name: (id: string) => string,
): string {
  const [only] = served ?? [];
  if (served?.length === 1 && only !== undefined) return `Use ${name(only)}, the only model that is served.`;
  if (suggestion !== undefined) return `Did you mean ${name(suggestion)}?`;
  if (served !== undefined && served.length > 1) return "Use one of the served ids exactly as they are spelled.";
  return "GET /v1/models lists the served ids; the id is what --served-model-name says.";
}
