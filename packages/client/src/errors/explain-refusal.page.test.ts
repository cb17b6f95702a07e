import { VllmError } from "@vllm/schema/core";
import { afterEach, expect, test, vi } from "vitest";
import { explainRefusal } from "./explain-refusal.ts";
import { explainRefusal as explainInPage } from "./explain-refusal.page.ts";
import type { Refusal } from "./refusal.ts";

const context = { url: "http://user:secret@gpu:8000/v1/chat/completions", requestId: "r-1" };
const refused = (status: number, bodyText: string): Refusal => ({ context, answer: { status, bodyText } });
const REFUSALS: readonly (readonly [what: string, refusal: Refusal])[] = [
  ["a model that is not served", refused(404, '{"error":{"message":"The model `x` does not exist.","code":404}}')],
  ["a web page", refused(502, "<html>Bad Gateway</html>")],
  ["an event in the answer", { context, event: { message: "EngineCore encountered an issue.", code: 500 } }],
];

afterEach(() => {
  vi.doUnmock("@vllm/schema/internal/refusal");
  vi.resetModules();
});

test.each(REFUSALS)("a page explains %s in the same words", async (_, refusal) => {
  const inPage = await explainInPage(refusal);
  expect(inPage.toJSON()).toEqual((await explainRefusal(refusal)).toJSON());
});

test.each([
  ["INVALID_REQUEST", false, refused(400, "no")],
  ["SERVER_ERROR", true, refused(503, "busy")],
  ["SERVER_ERROR", true, { context, event: {} } satisfies Refusal],
] as const)("a page that cannot load the rules has %s all the same", async (code, isRetryable, refusal) => {
  vi.doMock("@vllm/schema/internal/refusal", () => {
    throw new Error("Failed to fetch dynamically imported module");
  });
  const error = await explainInPage(refusal);
  expect(VllmError.isInstance(error)).toBe(true);
  expect(error).toMatchObject({ code, isRetryable, requestId: "r-1", url: "http://gpu:8000/v1/chat/completions" });
  expect(error.message).toMatch(/could not load the part of itself/);
  expect(error.message + error.hint).not.toContain("secret");
  expect(error.cause).toBeInstanceOf(Error);
});
