import * as fc from "fast-check";
import { describe, test } from "vitest";
import { EDITOR_PROPERTIES } from "./editor-properties.ts";

describe("the editor on thousands of JSON5 texts", () => {
  test.each(EDITOR_PROPERTIES)("%s", async (_name, property) => {
    await fc.assert(property, { numRuns: 250 });
  });
});
