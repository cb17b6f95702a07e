import { describe, expect, test } from "vitest";
import recorded from "./parsed-by-vllm.json" with { type: "json" };
import { readPieces } from "./read-pieces.ts";

function parse(text: string): unknown {
  return JSON.parse(text) as unknown;
}

/** Recorded by `test/families/record-parsed.ts`. */
describe(`the calls are those that vLLM ${recorded.vllm}'s own parsers read`, () => {
  test.each(recorded.cases)("$parser: $name", ({ text, calls }) => {
    const found = readPieces(text, { thinkTags: false }).filter((piece) => piece.type === "toolcall");
    expect(found.map((call) => ({ name: call.name, arguments: parse(call.argumentsText) }))).toEqual(
      calls.map((call) => ({ name: call.name, arguments: parse(call.arguments) })),
    );
  });
});
