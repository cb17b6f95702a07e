import { createVllmClient, type ChatParams } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { collect } from "../../test/support/collect.ts";
import { playing } from "../../test/support/play.ts";

const messages = [{ role: "user", content: "hello" }];
const f = { type: "function", function: { name: "f" } };

const callableSchema = Object.assign(() => {}, { "~standard": {} });

describe("a request that the types forbid is refused before it is sent, by name", () => {
  test.each<[what: string, params: unknown, message: string, hint: string]>([
    ["nothing", undefined, "no list of messages", "Pass messages"],
    ["null", null, "no list of messages", "Pass messages"],
    ["a text", "hello", "no list of messages", "Pass messages"],
    ["the messages themselves", messages, "no list of messages", "Pass messages"],
    ["messages as a text", { messages: "hello" }, "no list of messages", "Pass messages"],
    ["a message as a text", { messages: [messages[0], "hello"] }, "messages[1] is not an object", "role"],
    ["a message that is null", { messages: [null] }, "messages[0] is not an object", "role"],
    ["a message without a role", { messages: [{ content: "x" }] }, "messages[0] has no role", "role"],
    ["a model that is no text", { messages, model: 5 }, "model is not a string", "id"],
    ["tools that are no list", { messages, tools: { f } }, "tools is not a list", "[tool]"],
    ["a tool that is null", { messages, tools: [f, null] }, "tools[1] is not a function tool", "defineTool"],
    ["a tool of the responses API", { messages, tools: [{ type: "function", name: "f" }] }, "tools[0]", "defineTool"],
    ["a tool without a name", { messages, tools: [{ type: "function", function: {} }] }, "tools[0]", "name"],
    [
      "a schema as parameters",
      { messages, tools: [{ type: "function", function: { name: "f", parameters: z.object({}) } }] },
      "The parameters of tools[0] are a schema",
      "defineTool",
    ],
    [
      "a schema as response_format",
      { messages, response_format: z.object({}) },
      "response_format is a schema",
      "outputSchema",
    ],
    [
      "a schema of a library whose schemas are plain objects",
      { messages, tools: [{ type: "function", function: { name: "f", parameters: { "~standard": {} } } }] },
      "The parameters of tools[0] are a schema",
      "defineTool",
    ],
    [
      "a schema that is a function",
      { messages, tools: [{ type: "function", function: { name: "f", parameters: callableSchema } }] },
      "The parameters of tools[0] are a schema",
      "z.toJSONSchema",
    ],
    [
      "a schema under the name of another SDK",
      { messages, responseFormat: z.object({}) },
      "responseFormat is a schema",
      "outputSchema",
    ],
    ["no schema", { messages, outputSchema: null }, "outputSchema is null", "schema"],
    ["thinking: true", { messages, thinking: true }, "thinking has an invalid value", '"on", "off"'],
    ["thinking: null", { messages, thinking: null }, "thinking has an invalid value", '"on", "off"'],
    ["an effort as a word", { messages, thinking: "low" }, "thinking has an invalid value", '{ effort: "low" }'],
    ["another budget", { messages, thinking: { budget: 5 } }, "thinking has an invalid value", "budgetTokens"],
    ["half a token", { messages, thinking: { budgetTokens: 0.5 } }, "thinking has an invalid value", "whole number"],
    ["history as a word", { messages, history: "keep" }, "history is not an object", "toolCallIds"],
    [
      "an unknown option of history",
      { messages, history: { ids: "keep" } },
      "history has no option ids",
      "toolCallIds",
    ],
    [
      "an unknown word of history",
      { messages, history: { toolCallIds: "mistrall" } },
      "history.toolCallIds has an invalid value",
      '"keep", "mistral", "kimi-k2"',
    ],
    ["affinity as a number", { messages, affinity: 5 }, "affinity is not a string", "name"],
    ["extra_body as a text", { messages, extra_body: "x" }, "extra_body is not an object", "fields"],
  ])("%s", async (_, params, message, hint) => {
    const fetch = playing({ pieces: [] });
    const client = createVllmClient({ fetch, model: "m" });
    const { error } = await collect(client.chat(params as ChatParams));
    expect(error).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
    await expect(client.complete(params as ChatParams)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    await expect(client.countTokens(params as ChatParams)).rejects.toMatchObject({ code: "INVALID_REQUEST" });
    expect(fetch.requests).toEqual([]);
  });
});

test("the output of z.toJSONSchema is a JSON Schema, wherever one belongs", async () => {
  const fetch = playing({
    pieces: [new TextEncoder().encode('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')],
  });
  const schema = z.toJSONSchema(z.object({ city: z.string() }));
  const params: ChatParams = {
    messages: [{ role: "user", content: "hello" }],
    model: "m",
    tools: [{ type: "function", function: { name: "f", parameters: schema } }],
    response_format: { type: "json_schema", json_schema: { name: "n", schema } },
    structured_outputs: { json: schema },
  };
  await createVllmClient({ fetch }).complete(params);
  const json = JSON.parse(JSON.stringify(schema));
  expect(json).toMatchObject({ type: "object", required: ["city"] });
  expect(fetch.requests[0]?.body).toMatchObject({
    tools: [{ function: { parameters: json } }],
    response_format: { json_schema: { schema: json } },
    structured_outputs: { json },
  });
});

test("null is absent where vLLM takes null", async () => {
  const fetch = playing({
    pieces: [new TextEncoder().encode('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')],
  });
  const params = { messages, model: "m", tools: null, response_format: null, extra_body: undefined };
  await createVllmClient({ fetch }).complete(params as ChatParams);
  expect(fetch.requests).toHaveLength(1);
});
