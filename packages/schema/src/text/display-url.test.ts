import { describe, expect, test } from "vitest";
import { displayUrl } from "./display-url.ts";

describe("displayUrl", () => {
  test.each([
    ["http://user:pass@gpu:8000/v1/models?key=1#x", "http://gpu:8000/v1/models"],
    ["https://gpu", "https://gpu/"],
    ["not an address", "not an address"],
    ["user:pass@gpu:8000/x?key=1", "gpu:8000/x"],
    ["ws://user:p@ss@gpu/?a#b", "ws://gpu/"],
    ["", ""],
  ])("%s is shown as %s", (text, shown) => {
    expect(displayUrl(text)).toBe(shown);
  });
});
