import type { DocumentStyle } from "./document-style.ts";
import type { JsonValue } from "./json-value.ts";
import { isObject } from "./json-value.ts";

const LONGEST_INLINE = 80;

/** A value as JSON5 in the document's style. `indent` is the indentation of the line it starts on. */
export function renderValue(value: JsonValue, style: DocumentStyle, indent: string): string {
  if (typeof value === "string") return renderString(value, style.stringQuote);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inline = renderInline(value, style);
  if (inline !== undefined) return inline;
  const inner = indent + style.indent;
  const entries = Array.isArray(value)
    ? value.map((item: JsonValue) => renderValue(item, style, inner))
    : Object.entries(value as Readonly<Record<string, JsonValue | undefined>>).flatMap(([key, item]) =>
        item === undefined ? [] : [renderMember(key, item, style, inner)],
      );
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const body = entries.map((entry) => `${inner}${entry}`).join(`,${style.lineEnd}`);
  return `${open}${style.lineEnd}${body}${style.trailingComma ? "," : ""}${style.lineEnd}${indent}${close}`;
}

/** `key: value`. */
export function renderMember(key: string, value: JsonValue, style: DocumentStyle, indent: string): string {
  return `${renderKey(key, style)}: ${renderValue(value, style, indent)}`;
}

/** `key: value` without a line break, whatever its length. */
export function renderMemberOnOneLine(key: string, value: JsonValue, style: DocumentStyle): string {
  return `${renderKey(key, style)}: ${renderOnOneLine(value, style)}`;
}

/** A value without a line break, whatever its length. */
export function renderOnOneLine(value: JsonValue, style: DocumentStyle): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => renderOnOneLine(item, style)).join(", ")}]`;
  if (!isObject(value)) return renderValue(value, style, "");
  const members = Object.entries(value).flatMap(([key, item]) =>
    item === undefined ? [] : [renderMemberOnOneLine(key, item, style)],
  );
  const pad = style.bracePadding ? " " : "";
  return members.length === 0 ? "{}" : `{${pad}${members.join(", ")}${pad}}`;
}

function renderInline(value: readonly JsonValue[] | object, style: DocumentStyle): string | undefined {
  const items: unknown[] = Array.isArray(value) ? value : Object.values(value).filter((item) => item !== undefined);
  if (items.length === 0) return Array.isArray(value) ? "[]" : "{}";
  if (!style.inlineShort || items.some((item) => Array.isArray(item) || isObject(item))) return undefined;
  const text = renderOnOneLine(value as JsonValue, style);
  return text.length <= LONGEST_INLINE ? text : undefined;
}

function renderKey(key: string, style: DocumentStyle): string {
  if (style.keyQuote === "" && /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(key)) return key;
  return renderString(key, style.keyQuote === "" ? style.stringQuote : style.keyQuote);
}

function renderString(value: string, quote: '"' | "'"): string {
  const json = JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  if (quote === '"') return json;
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
