import { describe, expect, test } from "vitest";
import { toHeaders } from "./to-headers.ts";

describe("toHeaders", () => {
  test("the key without the blanks and line breaks around it, and the caller's own headers, which win", () => {
    const authorization = "Basic eA==";
    expect(toHeaders({ apiKey: " sk-1\r\n", authorization, headers: { "X-Team": "a" } })).toEqual({
      authorization: "Bearer sk-1",
      "x-team": "a",
    });
    expect(toHeaders({ apiKey: "sk-1", headers: { Authorization: "Basic eQ==" } })).toEqual({
      authorization: "Basic eQ==",
    });
    expect(toHeaders({ apiKey: " \n", authorization })).toEqual({ authorization });
    expect(toHeaders({})).toEqual({});
  });

  test.each(["sk-ключ-secret", "sk secret", "sk-\u0000secret", "“sk-secret”"])(
    "%j is no key, and is not repeated",
    (apiKey) => {
      expect(() => toHeaders({ apiKey })).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", message: expect.not.stringContaining("secret") }),
      );
    },
  );

  test.each([
    ["bad name", "secret"],
    ["X-A", "sec\nret"],
    ["X-A", "sécret\u0100"],
  ])("the header %j with %j cannot be sent, and its value is not repeated", (name, value) => {
    expect(() => toHeaders({ headers: { [name]: value } })).toThrow(
      expect.objectContaining({
        code: "CONFIG_INVALID",
        message: `The header ${JSON.stringify(name)} cannot be sent: its name or its value holds a character that HTTP does not allow.`,
      }),
    );
  });
});
