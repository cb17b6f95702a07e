import { expect, test } from "vitest";
import { recognizeLeakedCall } from "./tool-formats.ts";

test("a long answer is searched in linear time", () => {
  const start = performance.now();
  recognizeLeakedCall(`${"<tool_call>{ [TOOL_CALLS] [{ <function_call>".repeat(20_000)}`);
  expect(performance.now() - start).toBeLessThan(2000);
});
