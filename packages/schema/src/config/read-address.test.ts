import { expect, test } from "vitest";
import { readAddress } from "./read-address.ts";

const plain = { apiRoot: "http://gpu:8000/v1", serverRoot: "http://gpu:8000" };

test.each([
  ["http://me:s%40cret@gpu:8000", "me:s@cret"],
  ["http://me@gpu:8000/v1", "me:"],
  ["http://m%C3%BCller:p@gpu:8000/v1", "müller:p"],
  ["http://me:100%zz@gpu:8000/v1", "me:100%zz"],
])("%s: the name and the password become a header", (baseUrl, pair) => {
  expect(readAddress(baseUrl)).toEqual({
    ...plain,
    authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
  });
});

test.each(["gpu:8000", new URL("http://gpu:8000/v1")])("an address without them: %s", (baseUrl) => {
  expect(readAddress(baseUrl)).toEqual({ ...plain, authorization: undefined });
});

test.each([
  [undefined, "The address is empty."],
  [null, "The address is empty."],
  [{}, '"[object Object]" is not the address of an HTTP server.'],
])("%j is no address", (baseUrl, message) => {
  expect(() => readAddress(baseUrl)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message }));
});
