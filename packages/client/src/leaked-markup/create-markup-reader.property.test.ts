import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CALL_FAMILIES, TOOLS, writable } from "../../test/families/call-families.ts";
import type { CallFamily, IntendedCall } from "../../test/families/call-families.ts";
import { readPieces } from "../../test/families/read-pieces.ts";
import { CALL_OPENERS, HARMONY_OPENERS } from "./openers.ts";
import { createMarkupReader } from "./create-markup-reader.ts";
import { THINK_TAGS } from "./think-tags.ts";

const RUNS = { numRuns: 100 };
const MARKUP = [
  ...CALL_OPENERS.keys(),
  ...HARMONY_OPENERS.keys(),
  ...THINK_TAGS.flatMap((tag) => [...tag.open, ...tag.close]),
  "</tool_call>",
  "</function>",
  "<parameter=city>",
  "</parameter>",
  "<arg_key>",
  "</arg_key>",
  "<arg_value>",
  "</arg_value>",
  "<｜tool▁sep｜>",
  "<｜tool▁call▁end｜>",
  "<|tool_call_argument_begin|>",
  "<|tool_call_end|>",
  "[ARGS]",
  "<tool_call|>",
  '<|"|>',
  "get_weather",
  "now",
  "functions.now:0",
  "call:now{",
  '{"name": "now", "arguments": {}}',
  '{"name": ',
  '"now"',
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  "assistant",
  "analysis",
  "final",
  "<|message|>",
  "<|end|>",
  "json",
  "```",
  "`",
  "\n",
  "\n\n",
  " ",
  "Hello.",
  "é🌞",
  "</｜DSML｜invoke>",
  '"now">',
];

/** Text that is made of markup, whole and broken, in no good order. */
const rubble = fc
  .array(
    fc.oneof(
      fc.constantFrom(...MARKUP),
      fc.tuple(fc.constantFrom(...MARKUP), fc.nat({ max: 12 })).map(([marker, length]) => marker.slice(0, length)),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(""));

const argumentText = fc.oneof(fc.string({ maxLength: 20, unit: "grapheme" }), rubble);
const intendedCall: fc.Arbitrary<IntendedCall> = fc.oneof(
  fc.constant({ name: "now", arguments: {} }),
  fc.record({
    name: fc.constant("get_weather"),
    arguments: fc.record(
      {
        city: argumentText,
        days: fc.maxSafeInteger(),
        exact: fc.boolean(),
        tags: fc.array(fc.string({ maxLength: 5 }), { maxLength: 3 }),
      },
      { requiredKeys: ["city"] },
    ),
  }),
);

/** Cuts a text at these places. */
function cut(text: string, places: readonly number[]): string[] {
  const cuts = [...new Set(places.map((place) => (text.length === 0 ? 0 : place % text.length)))].toSorted(
    (one, other) => one - other,
  );
  return [0, ...cuts].map((start, index) => text.slice(start, cuts[index] ?? text.length));
}

const places = fc.array(fc.nat(), { maxLength: 12 });
const options = fc.record({
  thinkTags: fc.boolean(),
  toolCallText: fc.boolean(),
  startsInReasoning: fc.boolean(),
  tools: fc.constantFrom(TOOLS, []),
});

function holds(family: CallFamily, calls: readonly IntendedCall[]): boolean {
  const texts = calls
    .flatMap((call) => Object.values(call.arguments).flat())
    .filter((value) => typeof value === "string");
  // A line break at either end of a value is the template's own in Qwen's format.
  const isTrimmed = family.format === "qwen-xml" && texts.some((text) => /^\n|\n$/.test(text));
  return !isTrimmed && texts.every((text) => family.canHold?.(text) ?? true);
}

describe("however an answer is cut into pieces", () => {
  test("rubble gives the same", () => {
    fc.assert(
      fc.property(rubble, places, options, fc.constantFrom("stop", "length", null), (text, cuts, given, reason) => {
        const whole = readPieces(text, given, reason);
        expect(readPieces(cut(text, cuts), given, reason)).toEqual(whole);
        expect(readPieces([...text], given, reason)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  test.each(Object.entries(CALL_FAMILIES))("calls of %s are the ones that were meant", (_, family) => {
    fc.assert(
      fc.property(fc.array(intendedCall, { minLength: 1, maxLength: 3 }), places, (turn, cuts) => {
        const calls = writable(family, turn);
        fc.pre(calls.length > 0 && holds(family, calls));
        const pieces = readPieces(cut(family.write(calls), cuts));
        const found = pieces.map((piece) =>
          piece.type === "toolcall"
            ? { name: piece.name, arguments: JSON.parse(piece.argumentsText) as unknown }
            : { text: piece.text },
        );
        expect(found).toEqual(calls);
      }),
      RUNS,
    );
  });
});

describe("whatever an answer holds", () => {
  test("nothing is lost that is not markup of a thought or a call", () => {
    fc.assert(
      fc.property(rubble, (text) => {
        const pieces = readPieces(text, { thinkTags: false });
        fc.pre(pieces.every((piece) => piece.type === "text"));
        expect(pieces.map((piece) => (piece.type === "text" ? piece.text : "")).join("")).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("with nothing to recover it passes through at once", () => {
    fc.assert(
      fc.property(rubble, places, (text, cuts) => {
        const recovery = createMarkupReader({
          thinkTags: false,
          toolCallText: true,
          tools: [],
          startsInReasoning: true,
        });
        for (const piece of cut(text, cuts).filter((part) => part.trim() !== "")) {
          const seen = recovery
            .push(piece)
            .map((given) => (given.type === "text" ? given.text : ""))
            .join("");
          expect(seen.trimEnd().endsWith(piece.trimEnd())).toBe(true);
        }
      }),
      RUNS,
    );
  });

  test("every call has the name of a tool and a JSON text", () => {
    fc.assert(
      fc.property(rubble, (text) => {
        for (const piece of readPieces(text)) {
          if (piece.type !== "toolcall") continue;
          expect(TOOLS.map((tool) => tool.name)).toContain(piece.name);
          expect(() => JSON.parse(piece.argumentsText) as unknown).not.toThrow();
        }
      }),
      { numRuns: 500 },
    );
  });

  test("what was given is never taken back: the pieces of a beginning begin the pieces of the whole", () => {
    fc.assert(
      fc.property(rubble, fc.nat(), (text, place) => {
        const head = text.slice(0, text.length === 0 ? 0 : place % text.length);
        const recovery = createMarkupReader({
          thinkTags: true,
          toolCallText: true,
          tools: TOOLS,
          startsInReasoning: false,
        });
        const early = recovery.push(head);
        const whole = readPieces(text);
        early.forEach((piece, index) => {
          const final = whole[index];
          if (piece.type === "toolcall") expect(final).toEqual(piece);
          else expect(final?.type === piece.type && final.text.startsWith(piece.text)).toBe(true);
        });
      }),
      { numRuns: 400 },
    );
  });
});
