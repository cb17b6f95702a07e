import { verifies } from "@vllm-tooling/contract";
import { listMalformed, loadFixture } from "@vllm-tooling/fixtures";
import { createVllmClient, type ChatResult, type VllmErrorCode } from "@vllm/client";
import { expect, test } from "vitest";
import { collect, partialOf } from "./support/collect.ts";
import { playing, toPlayback } from "./support/play.ts";

const HELLO = { text: "\n\nHello there! How can I help you today?", finishReason: "stop" };
const PARIS = { name: "get_weather", arguments: { city: "Paris" } };
const TOKYO = { name: "get_weather", arguments: { city: "東京" } };
const NOW = { name: "now", arguments: {} };

/** What each hand-made body must become: an answer with these fields, or an error with what had arrived before it. */
const EXPECTED: Record<string, object | { code: VllmErrorCode; text?: string }> = {
  "bodies/busy-429": { code: "RATE_LIMITED" },
  "bodies/detail-list": { code: "INVALID_REQUEST" },
  "bodies/detail-text": { code: "WRONG_BASE_URL" },
  "bodies/empty-200": { code: "STREAM_MALFORMED" },
  "bodies/empty-500": { code: "SERVER_ERROR" },
  "bodies/empty-503": { code: "SERVER_ERROR" },
  "bodies/empty-object": { code: "STREAM_MALFORMED" },
  "bodies/error-flat": { code: "MODEL_NOT_FOUND" },
  "bodies/error-text": { code: "AUTHENTICATION_FAILED" },
  "bodies/error-with-200": { code: "INVALID_REQUEST" },
  "bodies/html-200": { code: "STREAM_MALFORMED" },
  "bodies/html-as-event-stream": { code: "STREAM_MALFORMED" },
  "bodies/json-answer-to-stream": HELLO,
  "bodies/json-error-as-event-stream": { code: "MODEL_NOT_FOUND" },
  "bodies/json-error-without-type": { code: "CONTEXT_LENGTH_EXCEEDED" },
  "bodies/json-null": { code: "STREAM_MALFORMED" },
  "bodies/no-choices": { code: "STREAM_ENDED_EARLY" },
  "bodies/plain-500": { code: "SERVER_ERROR" },
  "bodies/plain-503-retry-after": { code: "SERVER_ERROR" },
  "bodies/truncated-answer": { code: "STREAM_MALFORMED" },
  "bodies/truncated-json-error": { code: "CONTEXT_LENGTH_EXCEEDED" },
  "bodies/wrapped-error": { code: "CONTEXT_LENGTH_EXCEEDED" },
  "endings/call-finish-without-call": { text: "Let me check.", toolCalls: [], finishReason: "tool_calls" },
  "endings/clean-end-in-arguments": { code: "STREAM_ENDED_EARLY", text: "Let me check. " },
  "endings/clean-end-in-text": { code: "STREAM_ENDED_EARLY", text: "\n\nHello there! How can I" },
  "endings/cut-in-character": { code: "STREAM_ENDED_EARLY", text: "18 °C in " },
  "endings/cut-in-event": { code: "STREAM_ENDED_EARLY", text: "\n\nHello there! How can I" },
  "endings/done-without-finish": { code: "STREAM_ENDED_EARLY", text: "\n\nHello there! How can I" },
  "endings/empty-finish-in-call": { code: "STREAM_ENDED_EARLY" },
  "endings/empty-stream": { code: "STREAM_ENDED_EARLY" },
  "endings/half-call-called-good": {
    finishReason: "tool_calls",
    toolCalls: [{ name: "get_weather", argumentsText: '{"city": "Par', parseError: { kind: "cut-off" } }],
  },
  "endings/last-line-without-line-end": HELLO,
  "endings/no-done": HELLO,
  "endings/no-done-no-usage": HELLO,
  "endings/only-comments": { code: "STREAM_ENDED_EARLY" },
  "endings/only-done": { code: "STREAM_ENDED_EARLY" },
  "endings/only-role": { code: "STREAM_ENDED_EARLY" },
  "endings/reset-in-event": { code: "STREAM_ENDED_EARLY", text: "\n\nHello there! How can I" },
  "endings/second-choice-never-ends": { code: "STREAM_ENDED_EARLY", text: "A" },
  "errors/abort-finish": { code: "ENGINE_FAILED", text: "Half an ans" },
  "errors/bad-json-event": { code: "STREAM_MALFORMED", text: "One " },
  "errors/error-event": { code: "ENGINE_FAILED", text: "Half an ans" },
  "errors/error-event-after-finish": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/error-event-code-lies": { code: "ENGINE_FAILED", text: "Half an ans" },
  "errors/error-event-detail": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/error-event-first-rank": { code: "INVALID_REQUEST" },
  "errors/error-event-flat": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/error-event-named": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/error-event-no-done": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/error-event-text": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/error-event-with-object": { code: "INVALID_REQUEST" },
  "errors/error-finish": { code: "SERVER_ERROR", text: "Half an ans" },
  "errors/html-in-stream": { code: "STREAM_ENDED_EARLY", text: "Half an ans" },
  "errors/network-error-finish": { code: "STREAM_ENDED_EARLY", text: "Half an ans" },
  "errors/null-events": { finishReason: "stop" },
  "errors/text-event": { code: "STREAM_MALFORMED", text: "Half an ans" },
  "fields/both-reasoning-fields": { text: "I am.", thinking: "I think." },
  "fields/content-filter-finish": { text: "A", finishReason: "content_filter", ending: "filtered" },
  "fields/empty-finish": { text: "A", finishReason: "stop" },
  "fields/finish-twice": { text: "A", finishReason: "stop" },
  "fields/last-text-in-finish-event": { text: "One two", finishReason: "length" },
  "fields/length-then-stop": { text: "A", finishReason: "length", ending: "truncated" },
  "fields/no-answer": { text: "", emptyTurn: "nothing" },
  "fields/no-role": { text: "A" },
  "fields/null-fields": { text: "Hi", thinking: "", toolCalls: [] },
  "fields/reasoning-content": { text: "I am.", thinking: "I think." },
  "fields/thought-after-text": { text: "First. Second.", thinking: "One.Two." },
  "fields/two-choices": { text: "Aa", choices: [{ text: "Aa" }, { text: "B" }] },
  "fields/unknown-finish": { text: "A", finishReason: "eos_token", ending: "complete" },
  "fields/usage-in-every-event": { text: "AB", usage: { completion_tokens: 4 } },
  "fields/usage-null": { text: "A", usage: { completion_tokens: 4 } },
  "fields/usage-with-empty-choice": { text: "A", usage: { completion_tokens: 4 } },
  "fields/usage-with-finish": { text: "A", usage: { completion_tokens: 4 } },
  "framing/byte-order-mark": HELLO,
  "framing/comments": HELLO,
  "framing/cr": HELLO,
  "framing/crlf": HELLO,
  "framing/crlf-split": HELLO,
  "framing/done-in-text": { text: "[DONE]\n\ndata: [DONE]\n\n" },
  "framing/done-without-space": HELLO,
  "framing/escaped-text": { text: "東京 😀 \u2028" },
  "framing/events-after-done": HELLO,
  "framing/extra-blank-lines": HELLO,
  "framing/huge-line": { text: "abcdefgh".repeat(16_384) },
  "framing/mixed-line-ends": HELLO,
  "framing/multi-line-data": HELLO,
  "framing/no-space": HELLO,
  "framing/one-byte-chunks": { finishReason: "stop" },
  "framing/one-chunk": HELLO,
  "framing/other-fields": HELLO,
  "framing/surrogates-apart": { text: "😀" },
  "framing/two-spaces": HELLO,
  "framing/unknown-events": { text: "Hi" },
  "tool-calls/all-in-one-delta": { text: "Let me check.", thinking: "Two cities.", toolCalls: [PARIS, TOKYO] },
  "tool-calls/arguments-absent": { toolCalls: [NOW] },
  "tool-calls/arguments-braces": { toolCalls: [NOW] },
  "tool-calls/arguments-empty": { toolCalls: [NOW] },
  "tool-calls/arguments-in-finish-event": { toolCalls: [PARIS] },
  "tool-calls/arguments-with-blanks": { toolCalls: [PARIS] },
  "tool-calls/calls-null": { text: "Hi!", toolCalls: [] },
  "tool-calls/id-and-name-empty": { toolCalls: [{ ...PARIS, id: "a" }] },
  "tool-calls/id-and-name-null": { toolCalls: [{ ...PARIS, id: "a" }] },
  "tool-calls/id-and-name-repeated": {
    toolCalls: [
      { ...PARIS, id: "a" },
      { ...TOKYO, id: "b" },
    ],
  },
  "tool-calls/id-late": { toolCalls: [{ ...PARIS, id: "a" }] },
  "tool-calls/interleaved": {
    toolCalls: [
      { ...PARIS, id: "a" },
      { ...TOKYO, id: "b" },
    ],
  },
  "tool-calls/name-late": { toolCalls: [{ ...PARIS, id: "a" }] },
  "tool-calls/no-id": { toolCalls: [{ ...PARIS, id: expect.stringMatching(/./) }] },
  "tool-calls/same-id-twice": {
    toolCalls: [
      { ...PARIS, id: "functions.get_weather:0" },
      { ...TOKYO, id: "functions.get_weather:0" },
    ],
  },
  "tool-calls/stop-with-calls": { finishReason: "stop", toolCalls: [PARIS, TOKYO] },
  "tool-calls/text-between-calls": { text: "First. Second. Done.", toolCalls: [PARIS, TOKYO] },
  "tool-calls/whole-call-filtered": {
    ending: "filtered",
    toolCalls: [{ name: "get_weather", arguments: undefined, parseError: { kind: "cut-off" } }],
  },
  "tool-calls/whole-call-with-unknown-finish": {
    ending: "unknown",
    warnings: [{ code: "UNKNOWN_FINISH_REASON" }],
    toolCalls: [
      { argumentsText: '{"city": "Paris"}', arguments: undefined, parseError: { kind: "unproven" } },
      { argumentsText: '{"city": "東京"}', arguments: undefined, parseError: { kind: "unproven" } },
    ],
  },
};

const TWO_CHOICES = new Set(["endings/second-choice-never-ends", "fields/two-choices"]);

const ids = listMalformed().map((entry) => entry.id.replace("malformed/", ""));

test("every hand-made body has its expectation", () => {
  expect(Object.keys(EXPECTED).toSorted()).toEqual(ids.toSorted());
});

verifies.each("client/stream-malformed", ids, async (id) => {
  const fixture = loadFixture(`malformed/${id}`);
  const client = createVllmClient({
    fetch: playing(toPlayback(fixture)),
    timeouts: { firstTokenMs: 200, idleMs: 200 },
    retry: { maxRetries: 0 },
  });
  const { error, result } = await collect(client.chat({ model: "tiny", messages: [], n: TWO_CHOICES.has(id) ? 2 : 1 }));
  const expected = EXPECTED[id]!;
  if ("code" in expected) {
    expect(error?.code).toBe(expected.code);
    expect(partialOf(error).text).toBe("text" in expected ? expected.text : "");
    expect(error?.message).not.toContain("undefined");
  } else {
    expect(error).toBeUndefined();
    expect(result).toMatchObject(expected as Partial<ChatResult>);
  }
});

test("something else than vLLM is named by address and content type", async () => {
  const client = createVllmClient({ fetch: playing(toPlayback(loadFixture("malformed/bodies/html-200"))) });
  await expect(client.complete({ model: "tiny", messages: [] })).rejects.toMatchObject({
    code: "STREAM_MALFORMED",
    message:
      "http://127.0.0.1:8000/v1/chat/completions answered 200 with something that is no chat answer (content type text/html).",
  });
});
