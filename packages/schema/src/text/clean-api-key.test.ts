import { expect, test } from "vitest";
import { VllmError } from "../errors/vllm-error.ts";
import { cleanApiKey, sendableApiKey } from "./clean-api-key.ts";

test.each([
  [" sk-1\r\n", "sk-1"],
  ["sk\n-1", "sk-1"],
  ["two words", "two words"],
  [" \n", undefined],
  ["", undefined],
  [undefined, undefined],
])("%j is sent as %j", (text, key) => {
  expect(cleanApiKey(text)).toBe(key);
});

test.each([
  [" sk-1\r\n", "sk-1"],
  ["sk\n-1", "sk-1"],
  ["", undefined],
  [undefined, undefined],
])("%j can be sent, as %j", (text, key) => {
  expect(sendableApiKey(text)).toBe(key);
});

test.each(["two words", "sk-1\nx: y", "schlüssel", "“sk-1”", "sk\t1", "sk\u007f1"])("%j cannot be sent", (text) => {
  let error: unknown;
  try {
    sendableApiKey(text);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(VllmError);
  expect(error).toMatchObject({ code: "CONFIG_INVALID", hint: expect.stringContaining("VLLM_API_KEY") });
  expect(`${(error as VllmError).message}${(error as VllmError).hint}`).not.toContain(text);
});
