import * as fc from "fast-check";
import { rechunk } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { createByteBlock, createPortableByteBlock } from "@vllm/transport/internal";
import { EventParser } from "./event-parser.ts";

type Seen = { data: string; name?: string } | { unfinished: string };

function parse(input: string | Uint8Array[], create = createByteBlock): Seen[] {
  const seen: Seen[] = [];
  const parser = new EventParser({
    onEvent: (block, start, end, name) =>
      seen.push({ data: block.utf8(start, end), ...(name === undefined ? {} : { name }) }),
    onUnfinished: (block, start, end) => seen.push({ unfinished: block.utf8(start, end) }),
  });
  for (const piece of typeof input === "string" ? [encode(input)] : input) {
    const buffer = new Uint8Array(piece);
    parser.push(create(buffer));
    // As the next read of a shared buffer does it.
    buffer.fill(33);
  }
  parser.end();
  return seen;
}

const encode = (text: string) => new TextEncoder().encode(text);

describe("events", () => {
  test.each<[string, string, Seen[]]>([
    ["one line, one event", "data: a\n\ndata: b\n\n", [{ data: "a" }, { data: "b" }]],
    ["without a blank", "data:a\n\ndata:b\n\n", [{ data: "a" }, { data: "b" }]],
    ["only the first blank goes", "data:  a \n\n", [{ data: " a " }]],
    ["several lines are joined", "data: a\ndata: b\n\n", [{ data: "a\nb" }]],
    ["an empty line of data counts", "data: a\ndata\ndata:\n\n", [{ data: "a\n\n" }]],
    ["an event without data is none", "event: x\n\ndata:\n\ndata\n\n: c\n\n", []],
    ["comments are nothing, anywhere", ": x\ndata: a\n:y\n\n: data: b\n\n", [{ data: "a" }]],
    [
      "names belong to one event",
      "event: error\ndata: a\n\ndata: b\n\n",
      [{ data: "a", name: "error" }, { data: "b" }],
    ],
    ["other fields are skipped", "id: 1\nretry: 5\nfoo: x\nfoo\ndata: a\n\n", [{ data: "a" }]],
    ["a field that only begins with data", "database: x\ndat: y\n\ndata: a\n\n", [{ data: "a" }]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", [{ data: "a" }, { data: "b" }]],
    ["CR", "data: a\r\rdata: b\r\r", [{ data: "a" }, { data: "b" }]],
    [
      "all three",
      "data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\n\n",
      [{ data: "a" }, { data: "b" }, { data: "c" }, { data: "d" }],
    ],
    ["many empty lines", "\n\n\ndata: a\n\n\n\n", [{ data: "a" }]],
    ["a byte order mark", "\uFEFFdata: a\n\n", [{ data: "a" }]],
    ["a later one is text", "data: a\n\ndata: \uFEFFb\n\n", [{ data: "a" }, { data: "\uFEFFb" }]],
    [
      "other line breaks of Unicode are text",
      "data: a\u2028b\u2029c\u0085d\u000be\n\n",
      [{ data: "a\u2028b\u2029c\u0085d\u000be" }],
    ],
    ["NUL is text", "data: a\u0000b\n\n", [{ data: "a\u0000b" }]],
    ["no last empty line", "data: a\n\ndata: b\n", [{ data: "a" }, { unfinished: "b" }]],
    ["no last line end", "data: a\n\ndata: b", [{ data: "a" }, { unfinished: "b" }]],
    ["nothing", "", []],
  ])("%s", (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
    expect(parse(rechunk(encode(text), [1]))).toEqual(expected);
    expect(parse(rechunk(encode(text), [1]), createPortableByteBlock)).toEqual(expected);
  });

  test("bytes that are not UTF-8 become U+FFFD, cut or not", () => {
    const bytes = new Uint8Array([...encode("data: a"), 0xff, 0xc3, ...encode("b\n\n")]);
    const whole = parse([bytes]);
    expect(whole).toEqual([{ data: "a\uFFFD\uFFFDb" }]);
    expect(parse(rechunk(bytes, [1]))).toEqual(whole);
    expect(parse([bytes], createPortableByteBlock)).toEqual(whole);
  });

  test("a range of a block is read as if it were alone", () => {
    const seen: string[] = [];
    const parser = new EventParser({
      onEvent: (block, start, end) => seen.push(block.utf8(start, end)),
      onUnfinished: () => seen.push("unfinished"),
    });
    // As it stands in a chunked body: size, event, line end.
    const block = createByteBlock(encode("9\r\ndata: a\n\n\r\n9\r\ndata: b\n\n\r\n"));
    parser.push(block, 3, 12);
    parser.push(block, 17, 22);
    parser.push(block, 22, 26);
    parser.end();
    expect(seen).toEqual(["a", "b"]);
  });
});

/** Streams of lines that mean something and lines that do not, with every line end. */
const streams = fc
  .array(
    fc.tuple(
      fc.oneof(
        {
          weight: 5,
          arbitrary: fc
            .string({ unit: "grapheme", maxLength: 20 })
            .map((text) => `data: ${text.replaceAll(/[\r\n]/g, "")}`),
        },
        fc.constantFrom("", "", "", "data", "data:x", ": comment", "event: error", "id: 1", "data: [DONE]", "nonsense"),
      ),
      fc.constantFrom("\n", "\n", "\n", "\r\n", "\r"),
    ),
    { maxLength: 30 },
  )
  .map((lines) => lines.map(([line, end]) => line + end).join(""));

/** The standard's algorithm, written for clarity. */
function readSlowly(text: string): Seen[] {
  const seen: Seen[] = [];
  let data: string[] = [];
  let name: string | undefined;
  const lines = text.split(/\r\n|\n|\r/);
  for (const line of lines.slice(0, -1)) {
    if (line === "") {
      const joined = data.join("\n");
      if (data.length > 0 && joined !== "") seen.push({ data: joined, ...(name === undefined ? {} : { name }) });
      data = [];
      name = undefined;
      continue;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "data") data.push(value);
    if (field === "event") name = value;
  }
  if (data.length > 0) seen.push({ unfinished: data.join("\n") });
  return seen;
}

test("any stream reads as the standard says, however it is cut", () => {
  fc.assert(
    fc.property(streams, fc.integer(), (text, seed) => {
      const expected = readSlowly(text);
      expect(parse(text)).toEqual(expected);
      expect(parse(rechunk(encode(text), seed))).toEqual(expected);
      expect(parse(rechunk(encode(text), [1]), createPortableByteBlock)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
