import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { anthropicMessages } from "./anthropic-messages.ts";

const recorded = new URL("../../../test/recorded/messages-cached.json", import.meta.url);

test("tokens from the prefix cache count as prompt tokens, which the protocol counts apart", () => {
  const body = JSON.parse(readFileSync(recorded, "utf8")) as Record<string, unknown>;
  const { input_tokens: input, cache_read_input_tokens: read } = body["usage"] as Record<string, number>;
  const { promptTokens, cachedTokens } = anthropicMessages.readWhole(body);
  expect(read).toBeGreaterThan(0);
  expect([promptTokens, cachedTokens]).toEqual([(input ?? 0) + (read ?? 0), read]);
});
