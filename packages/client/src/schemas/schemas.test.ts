import { VllmError } from "@vllm/schema/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { defineTool, parseOutput, toResponseFormat, validateToolCall } from "./index.ts";
import type { OutputSchema } from "./index.ts";

const weather = z.object({
  city: z.string().describe("Name of the city"),
  days: z.number().int().optional(),
  unit: z.enum(["celsius", "fahrenheit"]).default("celsius"),
});

function errorOf(result: unknown): VllmError {
  if (!VllmError.isInstance(result)) throw new TypeError("expected a VllmError");
  return result;
}

describe("toResponseFormat", () => {
  test("makes what vLLM takes, of what the model has to write", () => {
    expect(toResponseFormat(weather)).toEqual({
      type: "json_schema",
      json_schema: {
        name: "output",
        strict: true,
        schema: {
          type: "object",
          properties: {
            city: { type: "string", description: "Name of the city" },
            days: { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
            unit: { type: "string", enum: ["celsius", "fahrenheit"], default: "celsius" },
          },
          required: ["city"],
        },
      },
    });
  });

  test("a schema of any library with both standards fits", () => {
    const handMade: OutputSchema<number> = {
      "~standard": {
        version: 1,
        vendor: "hand",
        validate: (value) => (typeof value === "number" ? { value } : { issues: [{ message: "no number" }] }),
        jsonSchema: { input: () => ({ $schema: "https://json-schema.org/draft/2020-12/schema", type: "number" }) },
      },
    };
    expect(toResponseFormat(handMade).json_schema.schema).toEqual({ type: "number" });
  });

  test("a schema without a JSON form says so, and what to do", () => {
    const error = catchError(() => toResponseFormat(z.object({ at: z.date() })));
    expect(error).toMatchObject({
      code: "CONFIG_INVALID",
      message: "The schema has no JSON Schema form: Date cannot be represented in JSON Schema",
    });
    expect(error.hint).toContain("z.iso.datetime()");
  });

  test("an old zod is told from a new one", () => {
    const old = { "~standard": { version: 1, vendor: "zod", validate: () => ({ value: 1 }) } };
    const error = catchError(() => toResponseFormat(old as unknown as OutputSchema));
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    expect(error.hint).toContain("zod 4.2");
    expect(catchError(() => toResponseFormat({} as unknown as OutputSchema)).code).toBe("CONFIG_INVALID");
  });
});

describe("parseOutput", () => {
  test("gives the schema's own value", async () => {
    const parsed = await parseOutput(weather, ' {"city": "Paris"}\n', "complete");
    expect(parsed).toEqual({ output: { city: "Paris", unit: "celsius" } });
    if (!VllmError.isInstance(parsed)) expectTypeOf(parsed.output).toEqualTypeOf<z.output<typeof weather>>();
  });

  test("waits for checks that take time", async () => {
    const slow = z.string().refine(async (text) => (await Promise.resolve(text)) === "yes", "not yes");
    expect(await parseOutput(slow, '"yes"', "complete")).toEqual({ output: "yes" });
    expect(errorOf(await parseOutput(slow, '"no"', "complete")).message).toContain("not yes");
  });

  test.each([
    ['{"city": "Par', "truncated", "was cut: it reached its token limit"],
    ["", "truncated", "was cut: it reached its token limit"],
    ['{"city": "Par', "filtered", "was cut: a content filter"],
    ['{"city": "Par', "repetitive", "was cut: it repeated itself"],
    ['{"city": "Par', "unknown", "is not JSON"],
    ["", "complete", "is empty"],
    ["  ", "complete", "is empty"],
    ["Paris is nice.", "complete", "is not JSON"],
    ['{"city": "Paris"} Enjoy!', "complete", "is not JSON"],
    ['{"city": 5}', "complete", "does not fit the schema"],
    ["null", "complete", "does not fit the schema"],
  ] as const)("%j of an answer that is %s: %s", async (text, ending, words) => {
    const error = errorOf(await parseOutput(weather, text, ending));
    expect(error.code).toBe("OUTPUT_INVALID");
    expect(error.message).toContain(words);
    expect(error.hint).not.toBe("");
    expect(error.isRetryable).toBe(false);
    expect(JSON.stringify(error)).not.toContain('"partial"');
  });

  test("names every wrong place", async () => {
    const list = z.object({ items: z.array(z.object({ price: z.number() })), at: z.string() });
    const error = errorOf(await parseOutput(list, '{"items": [{"price": 1}, {"price": "two"}]}', "complete"));
    expect(error.message).toBe(
      "The answer is JSON, but does not fit the schema:\n- items[1].price: Invalid input: expected number, received string\n- at: Invalid input: expected string, received undefined",
    );
  });

  test("JSON that is whole is good even when the limit was reached right after it", async () => {
    expect(await parseOutput(weather, '{"city": "Paris"}', "truncated")).toEqual({
      output: { city: "Paris", unit: "celsius" },
    });
  });

  test("but a bare number may have gone on", async () => {
    expect(errorOf(await parseOutput(z.number(), "12", "truncated")).message).toContain("was cut");
    expect(await parseOutput(z.number(), "12", "complete")).toEqual({ output: 12 });
  });

  test("the answer is not in the error's text", async () => {
    const error = errorOf(await parseOutput(weather, '{"city": ["a secret"]}', "complete"));
    expect(`${error.message} ${error.hint} ${JSON.stringify(error)}`).not.toContain("a secret");
  });
});

describe("defineTool", () => {
  const tool = defineTool({ name: "get_weather", description: "Weather of a city", parameters: weather });

  test("is a function tool of the API, and nothing else on the wire", () => {
    expect(JSON.parse(JSON.stringify(tool))).toEqual({
      type: "function",
      function: {
        name: "get_weather",
        description: "Weather of a city",
        parameters: toResponseFormat(weather).json_schema.schema,
      },
    });
    expect(Object.keys(tool)).toEqual(["type", "function"]);
    expect(tool.schema).toBe(weather);
  });

  test("a description is optional", () => {
    expect(defineTool({ name: "now", parameters: z.object({}) }).function).toEqual({
      name: "now",
      parameters: { type: "object", properties: {} },
    });
  });

  test("JSON Schema is sent as it is; nothing checks the arguments", async () => {
    const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
    const tool = defineTool({ name: "f", parameters });
    expectTypeOf(tool.schema).toEqualTypeOf<OutputSchema<Record<string, unknown>>>();
    expect(JSON.parse(JSON.stringify(tool))).toEqual({ type: "function", function: { name: "f", parameters } });
    expect(await validateToolCall(tool, { name: "f", arguments: { town: 1 } })).toEqual({
      ok: true,
      arguments: { town: 1 },
    });
    expect(defineTool({ name: "f", parameters: {} }).function.parameters).toEqual({});
  });

  test("the output of z.toJSONSchema is sent as it was changed, and checked by the schema that it is of", async () => {
    const parameters = z.toJSONSchema(z.object({ city: z.string() }));
    parameters.description = "changed";
    const tool = defineTool({ name: "f", parameters });
    expect(tool.function.parameters).toEqual({ ...parameters });
    expect(await validateToolCall(tool, { name: "f", arguments: { city: 1 } })).toMatchObject({ ok: false });
  });

  test("execute is typed by the schema, and never on the wire", () => {
    const tool = defineTool({
      name: "f",
      parameters: weather,
      execute: (args) => {
        expectTypeOf(args).toEqualTypeOf<{ city: string; days?: number | undefined; unit: "celsius" | "fahrenheit" }>();
        return args.city;
      },
    });
    expect(
      tool.execute({ city: "Paris", unit: "celsius" }, { signal: new AbortController().signal, toolCallId: "1" }),
    ).toBe("Paris");
    expect(JSON.stringify(tool)).not.toContain("execute");
    const wrong = { name: "f", parameters: weather, execute: "run" } as never;
    expect(catchError(() => defineTool(wrong))).toMatchObject({
      code: "CONFIG_INVALID",
      hint: expect.stringContaining("execute:"),
    });
  });

  test("needs a name, and a schema of an object", () => {
    const refused = (definition: object) => catchError(() => defineTool(definition as never));
    expect(refused({ name: " ", parameters: weather })).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("no name"),
    });
    expect(refused({ parameters: weather })).toMatchObject({ code: "CONFIG_INVALID" });
    expect(refused({ name: "now" })).toMatchObject({ code: "CONFIG_INVALID" });
    const text = refused({ name: "now", parameters: z.string() });
    expect(`${text.message} ${text.hint}`).toMatch(/now are a schema of type "string".*z\.object/);
    const either = z.union([weather, z.object({ place: z.string() })]);
    expect(defineTool({ name: "either", parameters: either }).function.parameters).toHaveProperty("anyOf");
  });
});

describe("validateToolCall", () => {
  const tool = defineTool({ name: "get_weather", parameters: weather });
  const validate = (args: Record<string, unknown> | undefined) =>
    validateToolCall(tool, { name: "get_weather", arguments: args });

  test("gives typed arguments", async () => {
    const result = await validate({ city: "Paris", days: 2 });
    expect(result).toEqual({ ok: true, arguments: { city: "Paris", days: 2, unit: "celsius" } });
    if (result.ok) expectTypeOf(result.arguments).toEqualTypeOf<z.output<typeof weather>>();
  });

  test("tells the model what to change", async () => {
    expect(await validate({ days: 1.5 })).toEqual({
      ok: false,
      message:
        "get_weather was not run: its arguments do not fit.\n- city: Invalid input: expected string, received undefined\n- days: Invalid input: expected int, received number\nCall it again with arguments that do.",
    });
  });

  test("arguments that did not parse keep their reason", async () => {
    const broken = {
      name: "get_weather",
      arguments: undefined,
      parseError: { message: "The arguments are not valid JSON." },
    };
    expect(await validateToolCall(tool, broken)).toEqual({
      ok: false,
      message: "get_weather was not run. The arguments are not valid JSON.",
    });
    expect(await validate(undefined)).toEqual({
      ok: false,
      message: "get_weather was not run. The arguments are not a JSON object.",
    });
  });

  test("a copy of a tool has lost its schema, and says so", async () => {
    const call = { name: "get_weather", arguments: {} };
    await expect(validateToolCall({ ...tool }, call)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      hint: expect.stringContaining("a copy"),
    });
  });

  test("another tool's call", async () => {
    const result = await validateToolCall(tool, { name: "delete_all", arguments: {} });
    expect(result).toEqual({ ok: false, message: "Unknown tool. Call get_weather." });
  });
});

function catchError(run: () => unknown): VllmError {
  try {
    run();
  } catch (error) {
    return errorOf(error);
  }
  throw new TypeError("nothing was thrown");
}
