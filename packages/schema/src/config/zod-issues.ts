import type { z } from "zod";
import { nearest } from "../text/nearest.ts";
import type { ConfigIssue } from "../errors/vllm-error.ts";
import type { ConfigPath } from "./config-path.ts";
import { formatConfigPath, valueAt } from "./config-path.ts";
import { describeReceived } from "./describe-received.ts";
import { keysAt } from "./keys-at.ts";

/** A problem and the place to point at: the key of it, or its value. */
export interface LocatedIssue {
  issue: ConfigIssue;
  at: ConfigPath;
  place: "key" | "value";
}

/** zod's issue → what was received, what is accepted, what to change. `written` is the value before `${VAR}` was replaced. */
export function toConfigIssues(issue: z.core.$ZodIssue, written: unknown, schema: z.ZodType): LocatedIssue[] {
  const path = issue.path as ConfigPath;
  if (issue.code === "unrecognized_keys") {
    const accepted = keysAt(schema, path);
    return issue.keys.map((key) => unknownKey([...path, key], key, accepted));
  }
  const value = valueAt(written, path);
  const accepted = describeAccepted(issue);
  const received = describeReceived(value, path, issue.code === "invalid_value");
  const located = { at: value === undefined ? path.slice(0, -1) : path, place: "value" as const };
  return [
    { ...located, issue: { path: formatConfigPath(path), received, accepted, fix: fix(issue, value, path, accepted) } },
  ];
}

/** Words of other tools for a key of this agent. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  url: "baseUrl",
  endpoint: "baseUrl",
  api_base: "baseUrl",
  apiBase: "baseUrl",
  context_length: "contextWindow",
  contextLength: "contextWindow",
  max_model_len: "contextWindow",
  maxModelLen: "contextWindow",
  num_ctx: "contextWindow",
  max_output_tokens: "maxTokens",
  maxOutputTokens: "maxTokens",
  max_completion_tokens: "maxTokens",
};

/** Letters that a slip may cost: with more of them, two long keys that begin alike would pass for one another. */
const MOST_SLIPS = 3;

function unknownKey(path: ConfigPath, key: string, accepted: readonly string[]): LocatedIssue {
  const other = OTHER_WORDS[key];
  const suggestion =
    other !== undefined && accepted.includes(other)
      ? other
      : nearest(key, accepted, Math.min(0.4, MOST_SLIPS / key.length));
  return {
    at: path,
    place: "key",
    issue: {
      path: formatConfigPath(path),
      received: "an unknown key",
      accepted: accepted.join(", "),
      fix: suggestion === undefined ? `Remove ${key}.` : `Rename ${key} to ${suggestion}, or remove it.`,
    },
  };
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a finite number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function describeAccepted(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return KINDS[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(", ");
    case "too_small":
      if (issue.origin === "string") return "a string that is not empty";
      return `a number ${issue.inclusive === true ? "from" : "above"} ${issue.minimum}`;
    default:
      return issue.message;
  }
}

const PROVIDER = `{ baseUrl: "http://127.0.0.1:8000/v1", apiKey: "\${VLLM_API_KEY}", models: [] }`;
const MODEL = `{ id: "<model-id>", name: "<model-id>" }`;

/** What to write, by path, where the kind of value alone does not help. The first that fits counts. */
const EXAMPLES: readonly [RegExp, string][] = [
  [/^models\.providers$/, `an object such as { vllm: ${PROVIDER} }`],
  [/^models\.providers\.[^.]+$/, `an object such as ${PROVIDER}`],
  [/\.baseUrl$/, `"http://127.0.0.1:8000/v1"`],
  [/\.apiKey$/, `"\${VLLM_API_KEY}"`],
  [/\.headers$/, `an object such as { "X-Name": "text" }`],
  [/^models\..*\.models$/, `a list such as [${MODEL}]`],
  [/\.models\[\d+\]$/, MODEL],
  [/\.models\[\d+\]\.id$/, "the id that GET /v1/models shows"],
  [/\.models\[\d+\]\.name$/, "a name for people, such as the id"],
  [/\.models\[\d+\]\.input$/, `["text"] or ["text", "image"]`],
  [/\.cost$/, "{ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }"],
  [/\.cost\.\w+$/, "a price for a million tokens, 0 for a model of your own"],
  [/\.contextWindow$/, "the max_model_len that GET /v1/models shows"],
  [/\.maxTokens$/, "the most tokens of one answer, such as 8192"],
  [/^agents\.defaults\.(model|imageModel)$/, `{ primary: "vllm/<model-id>" }`],
  [/^agents\.defaults\.models$/, `an object such as { "vllm/<model-id>": { alias: "fast" } }`],
  [/\.primary$/, `"vllm/<model-id>"`],
  [/\.fallbacks$/, `a list such as ["vllm/<model-id>"]`],
  [/^auth\.order\b.+$/, `a list such as ["vllm:default"]`],
  [/\.provider$/, `"vllm"`],
];

function fix(issue: z.core.$ZodIssue, value: unknown, path: ConfigPath, accepted: string): string {
  const last = path.at(-1);
  const name = last === undefined ? "the document" : typeof last === "number" ? formatConfigPath(path.slice(-2)) : last;
  if (issue.code === "invalid_value") {
    const values = issue.values.filter((candidate) => typeof candidate === "string");
    const suggestion =
      typeof value === "string" && value !== ""
        ? (nearest(value, values, 0.4) ?? values.find((candidate) => candidate.startsWith(value)))
        : undefined;
    return `Set ${name} to ${suggestion === undefined ? "one of these" : JSON.stringify(suggestion)}.`;
  }
  if (issue.code === "invalid_type" && isQuoted(value, issue.expected))
    return `Remove the quotes around the value of ${name}.`;
  const text = formatConfigPath(path);
  return `Set ${name} to ${EXAMPLES.find(([pattern]) => pattern.test(text))?.[1] ?? accepted}.`;
}

/** `"4096"` where a number is wanted, `"true"` where true or false is. */
function isQuoted(value: unknown, expected: string): boolean {
  if (typeof value !== "string") return false;
  return expected === "number" ? /^\d+(\.\d+)?$/.test(value) : expected === "boolean" && /^(true|false)$/.test(value);
}
