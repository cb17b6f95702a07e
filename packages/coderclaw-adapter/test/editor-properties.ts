import * as fc from "fast-check";
import JSON5 from "json5";
import { expect } from "vitest";
import { editDocument } from "../src/config-file/edit-document.ts";
import type { JsonValue, ValuePath } from "../src/config-file/json-value.ts";
import { isSameValue } from "../src/config-file/json-value.ts";

/** A piece of JSON5 with its value, and the place of every value in it as the generator wrote it. */
interface Written {
  text: string;
  value: JsonValue;
  places: { path: ValuePath; start: number; end: number }[];
}

const BLANKS = [
  " ",
  "  ",
  "\t",
  "\v",
  "\f",
  "\n",
  "\r\n",
  "\r",
  "\u00a0",
  "\ufeff",
  "\u2028",
  "\u2029",
  "\u3000",
  "// c, {[ '\"\n",
  "// ${X} */\r",
  "// \u2029",
  "//\n",
  "/* }], \n // */",
  "/**/",
  "/*/ */",
  '/***\r\n"*/',
];

const blank = fc.array(fc.constantFrom(...BLANKS), { maxLength: 3 }).map((parts) => parts.join(""));

const stringText = fc.constantFrom(
  `"plain"`,
  `'it\\'s, // no comment'`,
  `"a\\\nb"`,
  `'\\x41\\u0042\\0\\v'`,
  `"} ] , : /* x */"`,
  `'\\\r\nz'`,
  `"\\\u2028z"`,
  `"\\\\"`,
  `'\\"\\''`,
  `"\${VAR} $\${LIT} ☃ 🎉"`,
  `"\\ud83d"`,
  `''`,
);

const NUMBERS =
  "+1 -.5 5. 0xFF -0XaB 1e3 1E-7 0 -0 -42.25 9007199254740993 1e400 Infinity -Infinity +Infinity NaN -NaN +NaN".split(
    " ",
  );

const scalar = fc
  .oneof(
    stringText,
    fc.constantFrom(...NUMBERS),
    fc.constantFrom("null", "true", "false"),
    fc.string({ maxLength: 5 }).map((value) => JSON.stringify(value)),
  )
  .map((text): Written => ({ text, value: JSON5.parse(text), places: [] }));

/** Some are one key, written otherwise (`a`, `"\\x61"`), some numbers: those come first in an object, wherever they stand. */
const KEYS = [
  `a`,
  `"b"`,
  `'c d'`,
  `$x`,
  `_`,
  `"e/f"`,
  `models`,
  `'x:,y'`,
  `""`,
  `NaN`,
  `Infinity`,
  `null`,
  `"a.b"`,
  `"//"`,
  `'/*'`,
  `g`,
  `\\u0067`,
  `"\\x61"`,
  `"\\\nb"`,
  `ünï`,
  `𝒳`,
  `a\u200db`,
  `"0"`,
  `'1'`,
  `"-1"`,
  `"2e3"`,
  `"__proto__"`,
  `__proto__`,
  `constructor`,
];

const keyText = fc.constantFrom(...KEYS);

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.tuple(fc.array(fc.tuple(blank, tie("written"), blank)), blank, fc.boolean()).map(writeArray),
    fc
      .tuple(
        fc.array(fc.tuple(blank, keyText, blank, blank, tie("written"), blank), { maxLength: 5 }),
        blank,
        fc.boolean(),
      )
      .map(writeObject),
  ),
}));

/** Some are wrapped again and again: `[[{"a":[…` */
const nested = fc
  .tuple(written, fc.array(fc.boolean(), { minLength: 30, maxLength: 60 }))
  .map(([inner, kinds]) =>
    kinds.reduce(
      (node, isArray) =>
        isArray
          ? writeArray([[["", node, "\n"]], " ", true])
          : writeObject([[["\n", `'d'`, "/*:*/", " ", node, ""]], "// }\n", false]),
      inner,
    ),
  );

const documents = fc
  .tuple(blank, fc.oneof({ weight: 9, arbitrary: written }, { weight: 1, arbitrary: nested }), blank)
  .filter(([, node]) => typeof node.value === "object" && node.value !== null)
  .map(([before, node, after]): Written => shift(node, before, after, []));

function decode(key: string): string {
  return Object.keys(JSON5.parse<object>(`{${key}:0}`))[0] as string;
}

function shift(node: Written, before: string, after: string, path: ValuePath): Written {
  const places = node.places.map((place) => ({
    path: [...path, ...place.path],
    start: place.start + before.length,
    end: place.end + before.length,
  }));
  return { text: before + node.text + after, value: node.value, places };
}

function join(
  open: string,
  parts: { lead: string; node: Written; step: string | number; tail: string }[],
  rest: string,
): Written {
  let text = open;
  const places: Written["places"] = [];
  for (const [index, { lead, node, step, tail }] of parts.entries()) {
    text += lead;
    // Of members with one key the last counts: the others cannot be reached.
    const isHidden = parts.slice(index + 1).some((later) => later.step === step);
    if (isHidden) {
      text += node.text + tail;
      continue;
    }
    places.push({ path: [step], start: text.length, end: text.length + node.text.length });
    places.push(...shift(node, text, "", [step]).places);
    text += node.text + tail;
  }
  return { text: text + rest, value: null, places };
}

function writeArray([items, rest, comma]: [[string, Written, string][], string, boolean]): Written {
  const parts = items.map(([lead, node, tail], index) => ({
    lead,
    node,
    step: index,
    tail: tail + (index < items.length - 1 || comma ? "," : ""),
  }));
  return { ...join("[", parts, `${rest}]`), value: items.map(([, node]) => node.value) };
}

function writeObject([members, rest, comma]: [
  [string, string, string, string, Written, string][],
  string,
  boolean,
]): Written {
  const parts = members.map(([lead, key, afterKey, afterColon, node, tail], index) => ({
    lead: `${lead}${key}${afterKey}:${afterColon}`,
    node,
    step: decode(key),
    tail: tail + (index < members.length - 1 || comma ? "," : ""),
  }));
  const value = Object.create(Object.prototype) as object;
  for (const [, key, , , node] of members) define(value, decode(key), node.value);
  return { ...join("{", parts, `${rest}}`), value: value as JsonValue };
}

function define(target: object, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

/** The same change on the parsed value. */
function setIn(root: unknown, [step, ...rest]: ValuePath, value: JsonValue): unknown {
  if (step === undefined) return value;
  const copy = Array.isArray(root) ? [...root] : {};
  if (!Array.isArray(root)) for (const [key, item] of Object.entries(root as object)) define(copy, key, item);
  const child = Object.hasOwn(copy, step) ? (copy as Record<string | number, unknown>)[step] : {};
  define(copy, step, setIn(child, rest, value));
  return copy;
}

function edit(text: string, path: ValuePath, value: JsonValue): string {
  return editDocument(text, [{ path, value }]);
}

const newValues = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** What must hold for any JSON5 text, by name. */
export const EDITOR_PROPERTIES: readonly (readonly [string, fc.IRawProperty<unknown>])[] = [
  [
    "the generator writes what it says",
    fc.property(documents, ({ text, value, places }) => {
      expect(isSameValue(JSON5.parse(text), value)).toBe(true);
      for (const { start, end } of places) JSON5.parse(text.slice(start, end));
    }) as fc.IRawProperty<unknown>,
  ],
  [
    "replacing any value leaves every other byte as it was, and parse∘edit = edit∘parse",
    fc.property(documents, fc.nat(), newValues, ({ text, places }, pick, value) => {
      fc.pre(places.length > 0);
      const { path, start, end } = places[pick % places.length] as Written["places"][number];
      const edited = edit(text, path, value);
      expect(edited.startsWith(text.slice(0, start))).toBe(true);
      expect(edited.endsWith(text.slice(end))).toBe(true);
      expect(isSameValue(JSON5.parse(edited), setIn(JSON5.parse(text), path, value))).toBe(true);
    }) as fc.IRawProperty<unknown>,
  ],
  [
    "adding an entry anywhere inserts text, and parse∘edit = edit∘parse",
    fc.property(documents, fc.nat(), newValues, ({ text, value: parsed, places }, pick, value) => {
      const containers = [
        { path: [] as ValuePath },
        ...places.filter(({ start }) => text[start] === "{" || text[start] === "["),
      ];
      const { path } = containers[pick % containers.length] as { path: ValuePath };
      const container = path.reduce<unknown>((node, step) => (node as Record<string | number, unknown>)[step], parsed);
      const target = [...path, Array.isArray(container) ? container.length : "new key"];
      const edited = edit(text, target, value);
      expect(isSameValue(JSON5.parse(edited), setIn(JSON5.parse(text), target, value))).toBe(true);
      expectOnlyInsertions(text, edited);
    }) as fc.IRawProperty<unknown>,
  ],
  [
    "an equal value, however it is written, changes no byte",
    fc.property(documents, fc.nat(), ({ text, places }, pick) => {
      fc.pre(places.length > 0);
      const { path } = places[pick % places.length] as Written["places"][number];
      const value = path.reduce<unknown>(
        (node, step) => (node as Record<string | number, unknown>)[step],
        JSON5.parse(text),
      );
      expect(edit(text, path, value as JsonValue)).toBe(text);
    }) as fc.IRawProperty<unknown>,
  ],
  [
    "several edits, one after the other: parse∘edit = edit∘parse, and what none of them names stays",
    fc.property(documents, fc.array(fc.tuple(fc.nat(), newValues), { maxLength: 6 }), ({ text, places }, picks) => {
      fc.pre(places.length > 0);
      // A value below one that was replaced is not there any more: only places beside each other.
      const chosen = picks
        .map(([pick, value]) => ({ ...(places[pick % places.length] as Written["places"][number]), value }))
        .filter(({ start, end }, index, all) =>
          all.every((other, position) => position >= index || other.end <= start || end <= other.start),
        );
      const edited = editDocument(text, chosen);
      const wanted = chosen.reduce<unknown>((root, { path, value }) => setIn(root, path, value), JSON5.parse(text));
      expect(isSameValue(JSON5.parse(edited), wanted)).toBe(true);
      let position = 0;
      for (const { start, end } of chosen.toSorted((a, b) => a.start - b.start)) {
        expect(edited).toContain(text.slice(position, start));
        position = end;
      }
      expect(edited.endsWith(text.slice(position))).toBe(true);
    }) as fc.IRawProperty<unknown>,
  ],
  [
    "editing twice is editing once",
    fc.property(documents, newValues, ({ text, value: parsed }, value) => {
      fc.pre(!Array.isArray(parsed));
      const once = edit(text, ["new", "deep", "key"], value);
      expect(edit(once, ["new", "deep", "key"], value)).toBe(once);
    }) as fc.IRawProperty<unknown>,
  ],
];

/** `after` is `before` with text put in: at one place, or a comma and then a line behind the comment that follows. */
function expectOnlyInsertions(before: string, after: string): void {
  let head = 0;
  while (head < before.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const gone = before.slice(head, before.length - tail);
  const put = after.slice(head, after.length - tail);
  const isBlank = /^\s*$/.test(gone);
  expect(isBlank || (put.startsWith(",") && put.slice(1).startsWith(gone)) || put.includes(gone)).toBe(true);
}
