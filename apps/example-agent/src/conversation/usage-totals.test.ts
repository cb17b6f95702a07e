import { expect, test } from "vitest";
import { addUsage, NO_USAGE } from "./usage-totals.ts";

test("adds up, and remembers how full the window was last", () => {
  const first = addUsage(NO_USAGE, {
    prompt_tokens: 100,
    completion_tokens: 20,
    prompt_tokens_details: { cached_tokens: 64 },
    completion_tokens_details: { reasoning_tokens: 7 },
  });
  expect(first).toEqual({ requests: 1, prompt: 100, cached: 64, output: 20, reasoning: 7, context: 120 });
  const second = addUsage(first, { prompt_tokens: 130, completion_tokens: null, prompt_tokens_details: null });
  expect(second).toEqual({ requests: 2, prompt: 230, cached: 64, output: 20, reasoning: 7, context: 130 });
  expect(addUsage(second, undefined)).toEqual({ ...second, requests: 3 });
});
