import { variableReference, scanDocument } from "@vllm/schema/internal";
import type { DocumentNode } from "@vllm/schema/internal";
import JSON5 from "json5";

const MASK = "••••••";
const SECRET_KEY =
  /(api[-_]?key|token|secret|passw|pass(phrase)?$|credential|authorization|cookie|private[-_]?key|^key$|webhook)/i;
/** Everything below these keys can hold one. */
const SECRET_SECTION = /^(headers|env|vars)$/i;
const LOOKS_SECRET =
  /\b(?:(?:sk|hf|ghp|gho|xox[abp]|nvapi|gsk|glpat)[-_][\w.-]{4,}|eyJ(?:(?!\beyJ)[\w-]){10,}\.[\w.-]+|AKIA[0-9A-Z]{12,})/g;
const IN_COMMENT =
  /((?:key|token|secret|passw\w{0,40}|authorization|cookie)["']?\s*[:=]\s*["'`]?(?:bearer\s+)?)([^\s"'`,}]{4,})/gi;

/**
 * The text of a configuration as it may be shown: values of keys that hold secrets are masked, in comments and in broken files too.
 * References such as `${VLLM_API_KEY}` and the name `VLLM_API_KEY` are no secrets and stay.
 */
export function redactDocument(text: string): string {
  const spans = secretSpans(text);
  let shown = "";
  let position = 0;
  for (const { start, end } of spans) {
    shown += redactLoose(text.slice(position, start)) + `"${MASK}"`;
    position = end;
  }
  return shown + redactLoose(text.slice(position));
}

function redactLoose(text: string): string {
  return text
    .replace(IN_COMMENT, (whole, before: string, value: string) =>
      value.startsWith("${") || isReference(value) ? whole : `${before}${MASK}`,
    )
    .replace(LOOKS_SECRET, MASK)
    .replace(/(\/\/)[^/\s@"']+@/g, `$1${MASK}@`);
}

function secretSpans(text: string): { start: number; end: number }[] {
  try {
    JSON5.parse(text);
  } catch {
    return [];
  }
  const spans: { start: number; end: number }[] = [];
  const visit = (node: DocumentNode, isSecret: boolean): void => {
    if (node.kind === "scalar") {
      const value: unknown = isSecret ? JSON5.parse(text.slice(node.start, node.end)) : undefined;
      if (typeof value === "string" && value !== "" && !isReference(value)) spans.push(node);
      return;
    }
    for (const entry of node.entries) {
      const key = "key" in entry ? entry.key : undefined;
      visit(entry.value, key === undefined ? isSecret : isSecretKey(key, isSecret));
    }
  };
  visit(scanDocument(text), false);
  return spans;
}

function isSecretKey(key: string, isInSecret: boolean): boolean {
  return (
    isInSecret ||
    SECRET_SECTION.test(key) ||
    (SECRET_KEY.test(key) && !/^(max|context|used)?_?tokens$|maxTokens|contextTokens/i.test(key))
  );
}

function isReference(value: string): boolean {
  return value === "VLLM_API_KEY" || variableReference(value) !== undefined;
}
