import type { z } from "zod";
import { nearest } from "../text/nearest.ts";
import type { ConfigIssue } from "../errors/vllm-error.ts";
import type { ConfigPath } from "./config-path.ts";
import { formatConfigPath, valueAt } from "./config-path.ts";
import { describeReceived } from "./received.ts";
import { keysAt } from "./schema-at.ts";

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

function unknownKey(path: ConfigPath, key: string, accepted: readonly string[]): LocatedIssue {
  const suggestion = nearest(key, accepted, 0.4);
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

/** What to write, by key, where the kind of value alone does not help. */
const EXAMPLES: Readonly<Record<string, string>> = {
  baseUrl: `"http://127.0.0.1:8000/v1"`,
  apiKey: `"\${VLLM_API_KEY}"`,
  models: `a list such as [{ id: "<model-id>", name: "<model-id>" }]`,
  id: "the id that GET /v1/models shows",
  name: "a name for people, such as the id",
  input: `["text"] or ["text", "image"]`,
  contextWindow: "the max_model_len that GET /v1/models shows",
  model: `{ primary: "vllm/<model-id>" }`,
  imageModel: `{ primary: "vllm/<model-id>" }`,
  primary: `"vllm/<model-id>"`,
  fallbacks: `a list such as ["vllm/<model-id>"]`,
  provider: `"vllm"`,
};

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
  return `Set ${name} to ${(typeof last === "string" ? EXAMPLES[last] : undefined) ?? accepted}.`;
}
