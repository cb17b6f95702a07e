import { expect, test } from "vitest";
import { cleanApiKey } from "./clean-api-key.ts";

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
