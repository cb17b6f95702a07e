import type { CapabilityStatus } from "@vllm/schema/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTool } from "../schemas/index.ts";
import { allowsStrict } from "./allows-strict.ts";
import { prepareRequest } from "./index.ts";

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: "object",
  properties,
  ...more,
});
const one = (schema: unknown) => object({ value: schema }, { required: ["value"] });

/** Every line was tried on xgrammar as vLLM 0.32.0 uses it: what fits the schema fits the grammar. */
describe("schemas that the grammar keeps", () => {
  test.each<[string, Record<string, unknown>]>([
    ["no arguments", object({})],
    ["closed, all required", object({ city: { type: "string" } }, { required: ["city"], additionalProperties: false })],
    ["optional properties", object({ city: { type: "string" }, days: { type: "integer" } }, { required: ["city"] })],
    ["free objects", one({ type: "object" })],
    ["maps", one({ type: "object", additionalProperties: { type: "integer" } })],
    [
      "zod's maps",
      one({ type: "object", propertyNames: { type: "string" }, additionalProperties: { type: "string" } }),
    ],
    ["anything", one({})],
    ["lists", one({ type: "array", items: { type: "string" }, minItems: 1, maxItems: 9 })],
    ["alternatives", one({ anyOf: [{ type: "string" }, { type: "null" }] })],
    ["one of", one({ oneOf: [{ type: "string" }, { type: "integer" }] })],
    ["several types", one({ type: ["string", "null"] })],
    ["choices", one({ enum: ["a", 1, null] })],
    ["a constant", one({ const: 5 })],
    ["limits", one({ type: "number", exclusiveMinimum: 0, maximum: 1, multipleOf: 0.5 })],
    [
      "words about it",
      one({ type: "string", title: "T", description: "D", default: "x", examples: ["y"], format: "uri" }),
    ],
    [
      "definitions",
      object({ value: { $ref: "#/$defs/Node" } }, { $defs: { Node: object({ next: { $ref: "#/$defs/Node" } }) } }),
    ],
    ["itself", object({ child: { $ref: "#" } })],
  ])("%s", (_, schema) => {
    expect(allowsStrict(schema)).toBe(true);
  });

  test("what zod makes of usual tools", () => {
    const parameters = z.object({
      path: z.string().min(1),
      limit: z.number().int().positive().max(100).optional(),
      mode: z.enum(["read", "write"]).default("read"),
      tags: z.array(z.string()).nullable(),
      env: z.record(z.string(), z.string()),
      edit: z.union([
        z.object({ kind: z.literal("insert"), line: z.number() }),
        z.object({ kind: z.literal("delete") }),
      ]),
    });
    const tool = defineTool({ name: "edit", parameters });
    expect(allowsStrict(tool.function.parameters)).toBe(true);
  });
});

describe("schemas that the grammar would change, or fail on", () => {
  test.each<[string, unknown]>([
    ["a pattern: it must match the whole text there", one({ type: "string", pattern: "^a" })],
    ["pattern properties", one({ type: "object", patternProperties: { "^x": { type: "integer" } } })],
    ["names by a pattern", one({ type: "object", propertyNames: { pattern: "^x" } })],
    ["a number of properties", one({ type: "object", minProperties: 1 })],
    ["contains", one({ type: "array", contains: { type: "integer" } })],
    ["tuples, which it closes", one({ type: "array", prefixItems: [{ type: "string" }] })],
    ["all of", one({ allOf: [{ type: "string" }, { minLength: 2 }] })],
    ["not", one({ not: { type: "string" } })],
    ["conditions", object({ a: { type: "string" } }, { if: {}, else: {} })],
    ["an empty choice", one({ enum: [] })],
    ["a type that is none", one({ type: "any" })],
    ["a reference to nowhere", one({ $ref: "#/$defs/None" })],
    ["a reference to another document", one({ $ref: "https://example.com/x.json" })],
    ["a keyword nobody knows", one({ type: "string", magic: true })],
    ["deep inside", one({ type: "array", items: one({ anyOf: [{ type: "string", pattern: "x" }] }) })],
    ["in a definition", object({ value: { $ref: "#/$defs/A" } }, { $defs: { A: { type: "string", pattern: "x" } } })],
    ["no object", { type: "string" }],
    ["no type", { properties: {} }],
    ["nothing", undefined],
    ["a list", []],
  ])("%s", (_, schema) => {
    expect(allowsStrict(schema)).toBe(false);
  });

  test("a schema without end", () => {
    const endless: Record<string, unknown> = { type: "object" };
    endless["properties"] = { self: endless };
    expect(allowsStrict(endless)).toBe(false);
  });
});

describe("strictTools", () => {
  const tool = (name: string, parameters: Record<string, unknown> | undefined, strict?: boolean | null) => ({
    type: "function" as const,
    function: {
      name,
      ...(parameters === undefined ? {} : { parameters }),
      ...(strict === undefined ? {} : { strict }),
    },
  });
  const tools = [
    tool("good", one({ type: "string" })),
    tool("bad", one({ type: "string", pattern: "^a" })),
    tool("refused", one({ type: "string" }), false),
    tool("asked", one({ type: "string", pattern: "^a" }), true),
    tool("bare", undefined),
  ];
  const marks = (strictTools: boolean | "auto" | undefined, known?: CapabilityStatus) => {
    const fact = known === undefined ? undefined : { value: known, source: "probed" as const, evidence: "" };
    const { body } = prepareRequest({ messages: [], tools, strictTools }, { profile: { strictTools: fact } });
    return (body["tools"] as typeof tools).map(({ function: { name, strict } }) => `${name}: ${String(strict)}`);
  };

  test("marks those whose schema allows it, and leaves what the caller wrote", () => {
    expect(marks(true)).toEqual(["good: true", "bad: undefined", "refused: false", "asked: true", "bare: true"]);
  });

  test("auto does so where the profile says that the server holds calls to it", () => {
    expect(marks("auto", "yes")).toEqual(marks(true));
    for (const known of ["no", "unknown", undefined] as const) expect(marks("auto", known)).toEqual(marks(false));
    expect(marks(false, "yes")).toEqual(marks(undefined));
    expect(marks(true, "no")).toContain("good: true");
  });

  test("is off unless asked for", () => {
    const written = ["good: undefined", "bad: undefined", "refused: false", "asked: true", "bare: undefined"];
    expect(marks(false)).toEqual(written);
    expect(marks(undefined)).toEqual(written);
  });
});
