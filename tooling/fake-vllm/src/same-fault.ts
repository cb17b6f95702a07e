import type { Fixture } from "@vllm-tooling/fixtures";
import { isObject } from "./chat-request.ts";
import type { Recordings } from "./recordings.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Finds the recorded refusal (`refused-*` of this configuration) of a request with the same fault: the fields that made the
 * recorded request wrong stand here with the same values, whatever else is asked for.
 */
export function createSameFault(recordings: Recordings, servedNames: readonly string[]) {
  const byPath = new Map<string, readonly { fault: Fields; fixture: Fixture }[]>();

  function read(path: string): readonly { fault: Fields; fixture: Fixture }[] {
    return recordings
      .own(path)
      .filter(
        ({ id, request, response }) => id.includes("/refused-") && response.status >= 400 && isObject(request.body),
      )
      .map((fixture) => ({ fault: faultOf(fixture.request.body as Fields, servedNames), fixture }))
      .filter(({ fault }) => Object.keys(fault).length > 0);
  }

  return (path: string, body: Fields): Fixture | undefined => {
    const known = byPath.get(path) ?? read(path);
    byPath.set(path, known);
    return known.find(({ fault }) =>
      Object.entries(fault).every(([name, value]) => JSON.stringify(body[name]) === JSON.stringify(value)),
    )?.fixture;
  };
}

/** The fields of a refused request that a good one has not. */
function faultOf(body: Fields, servedNames: readonly string[]): Fields {
  return Object.fromEntries(
    Object.entries(body).filter(([name, value]) => {
      const isGood = good[name];
      return isGood === undefined || !isGood(value, servedNames);
    }),
  );
}

const isListOf = (value: unknown, isItem: (item: unknown) => boolean) =>
  Array.isArray(value) && value.length > 0 && value.every(isItem);

/** What is right by itself, and in a refused request only goes along. */
const good: Readonly<Record<string, (value: unknown, servedNames: readonly string[]) => boolean>> = {
  model: (value, servedNames) => typeof value === "string" && servedNames.includes(value),
  messages: (value) =>
    isListOf(value, (item) => isObject(item) && item["role"] === "user" && item["content"] === "Hello"),
  prompt: (value) => typeof value === "string",
  tokens: (value) => isListOf(value, (item) => Number.isInteger(item) && Number(item) >= 0 && Number(item) < 1e6),
  tools: (value) => isListOf(value, isGoodTool),
  logprobs: (value) => value === true,
  stream: (value) => value === false,
};

function isGoodTool(tool: unknown): boolean {
  if (!isObject(tool) || tool["type"] !== "function" || !isObject(tool["function"])) return false;
  const { name, parameters } = tool["function"];
  return typeof name === "string" && (parameters === undefined || isObject(parameters));
}
