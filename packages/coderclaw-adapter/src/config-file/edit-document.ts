import { ConfigError } from "@vllm/schema/core";
import { formatConfigPath, isLineEnd, scanDocument, skipBlankFrom, skipBlankOnLine } from "@vllm/schema/internal";
import type { ArrayNode, DocumentNode, ObjectNode } from "@vllm/schema/internal";
import type { DocumentStyle } from "./document-style.ts";
import { hasLineEnd, indentAt, learnStyle } from "./document-style.ts";
import type { JsonValue, ValuePath } from "./json-value.ts";
import { isSameValue } from "./json-value.ts";
import { renderMember, renderMemberOnOneLine, renderOnOneLine, renderValue } from "./render-value.ts";
import JSON5 from "json5";

/** Characters that are added to a line; what is longer gets lines of its own. */
const LONGEST_ADDITION = 240;

/** One change of a document: put `value` at `path`, making the objects on the way there. */
export interface DocumentEdit {
  path: ValuePath;
  value: JsonValue;
}

/**
 * Puts a value into a JSON5 text. Nothing else changes: comments, quotes, key order, commas, line ends and `${VAR}` stay as they are,
 * and a value that is there already changes nothing. An array position equal to the array's length appends.
 *
 * @throws {ConfigError} when something on the way to `path` is neither an object nor an array, or an array is too short.
 */
export function editDocument(text: string, edits: readonly DocumentEdit[]): string {
  return edits.reduce((current, edit) => applyEdit(current, edit), text);
}

function applyEdit(text: string, { path, value }: DocumentEdit): string {
  const root = scanDocument(text);
  let node: DocumentNode = root;
  for (const [depth, step] of path.entries()) {
    const next: DocumentNode | undefined = childOf(node, step);
    if (next !== undefined) {
      node = next;
      continue;
    }
    if (!canHold(node, step)) throw cannotHold(path.slice(0, depth), node, step);
    return insertEntry(
      text,
      node as ObjectNode | ArrayNode,
      step,
      nest(path.slice(depth + 1), value),
      learnStyle(text, root),
    );
  }
  const source = text.slice(node.start, node.end);
  if (isSameValue(JSON5.parse(source), value)) return text;
  return splice(text, node.start, node.end, renderValue(value, learnStyle(text, root), indentAt(text, node.start)));
}

/** Of two members with one key the last counts, as for every JSON parser. */
function childOf(node: DocumentNode, step: string | number): DocumentNode | undefined {
  if (node.kind === "array") return typeof step === "number" ? node.entries[step]?.value : undefined;
  if (node.kind === "object") return node.entries.findLast((entry) => entry.key === String(step))?.value;
  return undefined;
}

function canHold(node: DocumentNode, step: string | number): boolean {
  return node.kind === "array" ? step === node.entries.length : node.kind === "object";
}

function nest(path: ValuePath, value: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>((inner, step) => (typeof step === "number" ? [inner] : { [step]: inner }), value);
}

function insertEntry(
  text: string,
  node: ObjectNode | ArrayNode,
  step: string | number,
  value: JsonValue,
  style: DocumentStyle,
): string {
  const render = (indent: string): string =>
    node.kind === "object" ? renderMember(String(step), value, style, indent) : renderValue(value, style, indent);
  const last = node.entries.at(-1);
  if (last === undefined) return insertFirst(text, node, render, style);

  const afterValue = skipBlankFrom(text, last.end);
  const hasComma = text[afterValue] === ",";
  const lineRest = skipBlankOnLine(text, hasComma ? afterValue + 1 : last.end);
  const isSpread = isLineEnd(text[lineRest]) && hasLineEnd(text, node.start, last.start);
  if (!isSpread) {
    // Who writes a container on one line wants to read it on one line.
    const onOneLine =
      node.kind === "object" ? renderMemberOnOneLine(String(step), value, style) : renderOnOneLine(value, style);
    const entry = onOneLine.length <= LONGEST_ADDITION ? onOneLine : render(indentAt(text, last.start));
    return hasComma
      ? splice(text, afterValue + 1, afterValue + 1, ` ${entry},`)
      : splice(text, last.end, last.end, `, ${entry}`);
  }
  const indent = indentAt(text, last.start);
  const line = `${style.lineEnd}${indent}${render(indent)}`;
  if (hasComma) return splice(text, lineRest, lineRest, `${line},`);
  return splice(splice(text, lineRest, lineRest, line), last.end, last.end, ",");
}

function insertFirst(
  text: string,
  node: ObjectNode | ArrayNode,
  render: (indent: string) => string,
  style: DocumentStyle,
): string {
  const outer = indentAt(text, node.start);
  const inner = outer + style.indent;
  const comma = style.trailingComma ? "," : "";
  const close = node.end - 1;
  let contentEnd = close;
  while (contentEnd > node.start + 1 && /\s/.test(text[contentEnd - 1] as string)) contentEnd -= 1;
  return splice(text, contentEnd, close, `${style.lineEnd}${inner}${render(inner)}${comma}${style.lineEnd}${outer}`);
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

function cannotHold(path: ValuePath, node: DocumentNode, step: string | number): ConfigError {
  const where = formatConfigPath(path);
  const kind = node.kind === "scalar" ? "a plain value" : node.kind === "array" ? "a list" : "an object";
  const accepted = typeof step === "number" ? "a list" : "an object";
  return new ConfigError({
    message: `${where === "" ? "The document" : where} is ${kind}, so ${JSON.stringify(step)} cannot be put into it.`,
    hint: `Make ${where === "" ? "the document" : where} ${accepted}, or remove it; nothing was written.`,
    issues: [
      { path: where, received: kind, accepted, fix: `Change or remove ${where === "" ? "the document" : where}.` },
    ],
  });
}
