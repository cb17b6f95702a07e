import { expect, test } from "vitest";
import { readAddress } from "./read-address.ts";

const plain = { apiRoot: "http://gpu:8000/v1", serverRoot: "http://gpu:8000" };

test.each([
  ["http://me:s%40cret@gpu:8000", "me:s@cret"],
  ["http://me@gpu:8000/v1", "me:"],
  ["http://m%C3%BCller:p@gpu:8000/v1", "müller:p"],
  ["http://me:100%zz@gpu:8000/v1", "me:100%zz"],
  ["http://me:100%@gpu:8000/v1", "me:100%"],
  ["http://me%:%@gpu:8000/v1", "me%:%"],
  ["http://me:s%40cret-100%@gpu:8000/v1", "me:s@cret-100%"],
  ["http://me:%2@gpu:8000/v1", "me:%2"],
])("%s: the name and the password become a header", (baseUrl, pair) => {
  expect(readAddress(baseUrl)).toEqual({
    ...plain,
    authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
  });
});

test("a password that is not UTF-8 keeps its bytes", () => {
  const { authorization = "" } = readAddress("http://me:%ff%C3@gpu:8000/v1");
  expect(Buffer.from(authorization.replace("Basic ", ""), "base64")).toEqual(Buffer.from("me:\u00ff\u00c3", "latin1"));
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

test.each([
  ["http://gpu:8000/v1?token=1", true],
  ["gpu:8000?a", true],
  ["http://me:p@gpu:8000/v1/?a=b#c", true],
  ["http://gpu:8000/v1?", undefined],
  ["http://gpu:8000/v1#a?b", undefined],
  ['"http://gpu:8000/v1?"', undefined],
])("%s has a query: %s", (baseUrl, hasQuery) => {
  expect(readAddress(baseUrl)).toMatchObject(plain);
  expect(readAddress(baseUrl).hasQuery).toBe(hasQuery);
});
