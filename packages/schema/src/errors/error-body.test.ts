import { growthOf } from "@vllm-tooling/contract";
import { describe, expect, test } from "vitest";
import { errorFromResponse } from "../core.ts";
import { readErrorBody, readErrorValue } from "../core.ts";

const nothing = {
  message: undefined,
  type: undefined,
  param: undefined,
  sentParam: undefined,
  code: undefined,
  isHtml: false,
  wrapper: undefined,
};

describe("readErrorBody", () => {
  test.each<[string, string, Partial<typeof nothing | Record<string, unknown>>]>([
    [
      "vLLM since 0.10",
      `{"error":{"message":"m","type":"BadRequestError","param":"p","code":400}}`,
      { message: "m", type: "BadRequestError", param: "p", sentParam: "p", code: 400 },
    ],
    [
      "vLLM 0.9",
      `{"object":"error","message":"m","type":"BadRequestError","param":null,"code":404}`,
      { message: "m", type: "BadRequestError", code: 404 },
    ],
    ["a text as error", `{"error":"Unauthorized"}`, { message: "Unauthorized" }],
    ["a text as error with a code", `{"error":"x","code":503}`, { message: "x", code: 503 }],
    ["FastAPI", `{"detail":"Not Found"}`, { message: "Not Found" }],
    [
      "FastAPI's list",
      `{"detail":[{"loc":["body","messages",0,"role"],"msg":"Field required","input":"secret"},{"msg":"two"}]}`,
      { message: "messages.0.role: Field required", param: "messages.0.role" },
    ],
    ["FastAPI's list without places", `{"detail":[{"msg":"Field required"}]}`, { message: "Field required" }],
    ["an object as detail", `{"detail":{"message":"m"}}`, { message: "m" }],
    ["an empty list as detail", `{"detail":[]}`, {}],
    [
      "Anthropic's",
      `{"type":"error","error":{"type":"NotFoundError","message":"m"}}`,
      { message: "m", type: "NotFoundError" },
    ],
    ["a number in a string", `{"error":{"message":"m","code":"400"}}`, { message: "m", code: 400 }],
    ["a word as code", `{"error":{"message":"m","code":"invalid_api_key"}}`, { message: "m" }],
    ["None as a text", `{"error":{"message":"m","param":"None","type":"None","code":""}}`, { message: "m" }],
    ["text", "Internal Server Error", { message: "Internal Server Error" }],
    ["text with blanks around", "\n  length limit exceeded \r\n", { message: "length limit exceeded" }],
    ["JSON that is a text", `"broken"`, { message: "broken" }],
    ["nothing", "", {}],
    ["blanks", " \n ", {}],
    ["null", "null", {}],
    ["an empty object", "{}", {}],
    ["an empty message", `{"error":{"message":""}}`, {}],
    ["a message that is no text", `{"error":{"message":{"a":1},"code":{}}}`, {}],
    ["a web page", "<!DOCTYPE html>\n<html></html>", { isHtml: true }],
    ["nginx's page", "<html>\r\n<head><title>502 Bad Gateway</title></head>", { isHtml: true }],
    ["a page after an XML line", `<?xml version="1.0"?>\n<html></html>`, { isHtml: true }],
    ["text that begins with an angle", "<TransferEncodingError>", { message: "<TransferEncodingError>" }],
    ["a byte order mark", `\uFEFF{"error":"x"}`, { message: "x" }],
    ["half a JSON body", `{"error":{"message":"The model \\"x\\" do`, { message: `The model "x" do` }],
    ["half a JSON body, cut in an escape", `{"error":{"message":"a\\`, { message: "a" }],
    ["half a JSON body of vLLM 0.9", `{"object":"error","message":"m","ty`, { message: "m" }],
    ["half a JSON body without its message", `{"error":{"mes`, {}],
    [
      "LiteLLM around vLLM",
      `{"error":{"message":"litellm.BadRequestError: Hosted_vllmException - {\\"error\\":{\\"message\\":\\"inner } \\\\\\"x\\\\\\" {\\",\\"code\\":404}}. Received Model Group=tiny","type":"invalid_request_error","code":"400"}}`,
      {
        message: `inner } "x" {`,
        code: 404,
        type: "invalid_request_error",
        wrapper: "litellm.BadRequestError: Hosted_vllmException - ",
      },
    ],
    [
      "LiteLLM around a text",
      `{"error":{"message":"litellm.AuthenticationError: X - {\\"error\\":\\"Unauthorized\\"}","code":"401"}}`,
      { message: "Unauthorized", code: 401, wrapper: "litellm.AuthenticationError: X - " },
    ],
    [
      "braces that are no error",
      `{"error":{"message":"cannot use {\\"type\\":\\"x\\"}"}}`,
      { message: `cannot use {"type":"x"}` },
    ],
    [
      "an inner error that does not end",
      `{"error":{"message":"x - {\\"error\\":{\\"message\\":\\"y"}}`,
      { message: `x - {"error":{"message":"y` },
    ],
    ["Ray around vLLM", `{"error":{"message":"Message: m (Request ID: 1), Internal exception: x"}}`, { message: "m" }],
  ])("%s", (_, text, expected) => {
    expect(readErrorBody(text)).toEqual({ ...nothing, ...expected });
  });

  test("only the first place and its reason are kept of an error in the schema", () => {
    const message = `2 validation errors:\n  {'type': 'missing', 'loc': ('body', 'tools', 0, 'function-wrap[x()]', 'function', 'str'), 'msg': 'Field \\'a\\' required', 'input': {'secret': 'words'}}`;
    expect(
      readErrorBody(JSON.stringify({ error: { message, param: "body.tools.0.function-wrap[x()].function.str" } })),
    ).toEqual({
      ...nothing,
      message: "tools.0.function: Field 'a' required",
      param: "tools.0.function",
      sentParam: "body.tools.0.function-wrap[x()].function.str",
    });
  });

  test("an error in the schema of an unknown form keeps nothing of its text", () => {
    expect(readErrorBody("7 validation errors: secret words").message).toBe("the request does not fit its schema");
  });

  test("a message is cut, and a huge one does no harm", () => {
    const echo = `[{'type': 'missing', 'loc': ('body', 'model'), 'msg': 'Field required', 'input': {'x': '${"{'type': '".repeat(100_000)}'}}]`;
    expect(readErrorBody(JSON.stringify({ error: { message: echo } })).message).toBe("model: Field required");
    expect(readErrorBody("x".repeat(1_000_000)).message).toHaveLength(10_000);
    expect(readErrorBody(`litellm - ${`{"error":`.repeat(50_000)}`).message).toHaveLength(10_000);
  });
});

describe("readErrorValue", () => {
  test.each<[unknown, string | undefined]>([
    [{ error: { message: "m" } }, "m"],
    [{ error: { object: "error", message: "m", code: 400 } }, "m"],
    ["text", "text"],
    [undefined, undefined],
    [null, undefined],
    [5, undefined],
    [[], undefined],
  ])("%j", (value, message) => {
    expect(readErrorValue(value).message).toBe(message);
  });
});

describe("an error of any size is read in linear time", () => {
  const url = "http://x/v1/chat/completions";

  test.each([
    "9",
    "1 validation error for x\n ",
    "A",
    " None",
    "Valid aliases: ",
    "Only user, ",
    " expected ",
    "{",
    "'",
    '{"error":',
  ])("%j", (atom) => {
    const read = (text: string) =>
      [text, JSON.stringify({ error: { message: text, code: 400 } }), JSON.stringify({ detail: text })].map(
        (bodyText) => errorFromResponse({ status: 400, contentType: "application/json", bodyText }, { url }),
      );
    expect(growthOf(read, atom)).toBeLessThan(8);
  });
});
