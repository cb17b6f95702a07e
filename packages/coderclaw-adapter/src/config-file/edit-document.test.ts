import * as fc from "fast-check";
import JSON5 from "json5";
import { describe, expect, test, vi } from "vitest";
import { EDITOR_PROPERTIES } from "../../test/editor-properties.ts";
import { editDocument } from "./edit-document.ts";
import type { JsonValue, ValuePath } from "./json-value.ts";

const commented = `// my config
{
  /* servers */
  models: {
    mode: 'merge', // keep
    providers: {
      "vllm": {
        baseUrl: "http://127.0.0.1:8000/v1", // my server
        apiKey: '\${VLLM_API_KEY}',
        models: [
          // the big one
          { id: "a", name: 'A', contextWindow: 4096 /* old */, maxTokens: 100, }, // trailing
          { id: "b", name: 'B' },
        ],
      },
      // after
      other: {baseUrl:"x",models:[]}
    },
  },
  $include: "./more.json5",
}
// end
`;

function edit(text: string, path: ValuePath, value: JsonValue): string {
  return editDocument(text, [{ path, value }]);
}

describe("editDocument on a file a person wrote", () => {
  test("replaces a number and nothing else", () => {
    const path = ["models", "providers", "vllm", "models", 0, "contextWindow"];
    expect(edit(commented, path, 131_072)).toBe(commented.replace("4096", "131072"));
  });

  test("adds a key to an object on one line and keeps its spaces", () => {
    const path = ["models", "providers", "vllm", "models", 1, "contextWindow"];
    expect(edit(commented, path, 8192)).toBe(commented.replace("name: 'B' }", "name: 'B', contextWindow: 8192 }"));
  });

  test("adds an object to an object on one line without breaking the line, unless it is very long", () => {
    const compat = { supportsStore: false, maxTokensField: "max_tokens", list: ["a", { b: null }], none: {} };
    const path = ["models", "providers", "vllm", "models", 1, "compat"];
    expect(edit(commented, path, compat)).toBe(
      commented.replace(
        "name: 'B' }",
        `name: 'B', compat: { supportsStore: false, maxTokensField: "max_tokens", list: ["a", { b: null }], none: {} } }`,
      ),
    );
    expect(edit("{a: {b: 1}}", ["a", "c"], { text: "x".repeat(250) })).toContain("\n");
  });

  test("adds a list item behind the last one's comma, in the file's style", () => {
    const path = ["models", "providers", "vllm", "models", 2];
    const added = edit(commented, path, { id: "c/d", name: "C", input: ["text"], cost: { input: 0, output: 0 } });
    expect(added).toBe(
      commented.replace(
        `{ id: "b", name: 'B' },\n`,
        `{ id: "b", name: 'B' },
          {
            id: "c/d",
            name: "C",
            input: ["text"],
            cost: { input: 0, output: 0 },
          },\n`,
      ),
    );
  });

  test("adds a key behind a last one without comma, and leaves the comment of the line", () => {
    const text = "{\n  a: 1 // one\n}\n";
    expect(edit(text, ["b"], { c: [1, 2] })).toBe("{\n  a: 1, // one\n  b: {\n    c: [1, 2]\n  }\n}\n");
  });

  test("makes the objects on the way", () => {
    expect(edit("{}\n", ["models", "providers", "vllm", "baseUrl"], "x")).toBe(
      '{\n  "models": {\n    "providers": {\n      "vllm": { "baseUrl": "x" }\n    }\n  }\n}\n',
    );
  });

  test("puts a first key behind the comments of an empty object", () => {
    expect(edit("{\n  // nothing yet\n}", ["a"], 1)).toBe('{\n  // nothing yet\n  "a": 1\n}');
    expect(edit("{ /* x */ }", ["a"], 1)).toBe('{ /* x */\n  "a": 1\n}');
  });

  test("writes like the agents do in a file the agents wrote", () => {
    const text = `${JSON.stringify({ meta: { v: "1" }, agents: { list: ["main"] } }, null, 2)}\n`;
    const value = { meta: { v: "1" }, agents: { list: ["main"] }, models: { input: ["text"], cost: { input: 0 } } };
    expect(edit(text, ["models"], value.models)).toBe(`${JSON.stringify(value, null, 2)}\n`);
  });

  test("keeps CRLF line ends, tabs and a byte order mark", () => {
    expect(edit("\ufeff{\r\n\t// c\r\n\ta: 1,\r\n}\r\n", ["b"], { c: [{ d: 1 }] })).toBe(
      "\ufeff{\r\n\t// c\r\n\ta: 1,\r\n\tb: {\r\n\t\tc: [\r\n\t\t\t{ d: 1 },\r\n\t\t],\r\n\t},\r\n}\r\n",
    );
  });

  test("an equal value changes no byte, however it is written", () => {
    const text = "{a: +0x10, b: 'it\\'s', c: [1,2,], d: {y: 1, x: 2}}";
    const edits = [
      { path: ["a"], value: 16 },
      { path: ["b"], value: "it's" },
      { path: ["c"], value: [1, 2] },
      { path: ["d"], value: { x: 2, y: 1 } },
    ];
    expect(editDocument(text, edits)).toBe(text);
  });

  test("of two members with one key the last is changed: it is the one that counts", () => {
    expect(edit("{a: 1, a: 2}", ["a"], 3)).toBe("{a: 1, a: 3}");
  });

  test("reads keys with escapes and every way JSON5 writes a string", () => {
    const text = "{\\u0061b: 1, 'c\\x64': \"x\\\ny\", e: '\\0'}";
    expect(edit(edit(edit(text, ["ab"], 2), ["cd"], "z"), ["e"], "!")).toBe(`{\\u0061b: 2, 'c\\x64': "z", e: "!"}`);
  });

  test("a key named __proto__ is a key like any other", () => {
    const edited = edit('{ "__proto__": { "x": 1 } }', ["__proto__", "x"], 2);
    expect(edited).toBe('{ "__proto__": { "x": 2 } }');
  });

  test("strings with quotes, backslashes and line separators survive", () => {
    for (const text of ["{'a': 'b'}", '{"a": "b"}']) {
      for (const value of [`it's "so"`, "a\\b", "\u2028\u2029\n\t", "\ud800", "${VAR} $${LIT}"]) {
        expect(JSON5.parse(edit(text, ["k"], value))).toEqual({ a: "b", k: value });
      }
    }
  });
});

describe("editDocument refuses", () => {
  test("to put a key into a plain value, and says where", () => {
    expect(() => edit("{models: null}", ["models", "providers"], {})).toThrow(
      'models is a plain value, so "providers" cannot be put into it.',
    );
    expect(() => edit("{a: {b: [1]}}", ["a", "b", "c"], 1)).toThrow('a.b is a list, so "c" cannot be put into it.');
    expect(() => edit('{models: {"org/m": 1}}', ["models", "org/m", "alias"], "x")).toThrow(
      'models["org/m"] is a plain value, so "alias" cannot be put into it.',
    );
    expect(() => edit("[]", ["a"], 1)).toThrow('The document is a list, so "a" cannot be put into it.');
  });

  test("to leave a hole in a list", () => {
    expect(() => edit("{a: [1]}", ["a", 3], 1)).toThrow("a is a list, so 3 cannot be put into it.");
  });
});

describe("editDocument on any JSON5 text", () => {
  test.each(EDITOR_PROPERTIES)("%s", async (_name, property) => {
    await fc.assert(property, { numRuns: 60 });
  });

  test("three hundred levels deep", () => {
    const depth = 300;
    const text = `${'{"a": ['.repeat(depth)}1 // deepest\n${"]}".repeat(depth)}`;
    const path = Array.from({ length: depth }, () => ["a", 0]).flat();
    expect(edit(text, path, 2)).toBe(text.replace("1 // deepest", "2 // deepest"));
  });

  test("line separators in a string, as JSON5 allows them", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
    expect(edit('{a: "x\u2028y\u2029", b: 1}', ["b"], 2)).toBe('{a: "x\u2028y\u2029", b: 2}');
    warn.mockRestore();
  });
});
