import { expect, test } from "vitest";
import { createReplyTimer } from "./reply-timer.ts";

const at = { choiceIndex: 0, contentIndex: 0 };

test("measures from the request to the first piece, and from there to the last", () => {
  let now = 1000;
  const timer = createReplyTimer(() => now);
  now = 1010;
  timer.see({ type: "start", id: "chatcmpl-1", model: "tiny" });
  now = 1200;
  timer.see({ type: "thinking_delta", ...at, delta: "a" });
  now = 1500;
  timer.see({ type: "text_delta", ...at, delta: "b" });
  now = 9000;
  timer.see({ type: "text_end", ...at, text: "b" });
  const usage = { prompt_tokens: 5, completion_tokens: 2 };
  expect(timer.statistics(usage)).toEqual({ type: "reply_statistics", usage, firstTokenMs: 200, outputMs: 300 });
});

test("a call counts as output, too", () => {
  let now = 0;
  const timer = createReplyTimer(() => now);
  now = 50;
  timer.see({ type: "toolcall_start", ...at, index: 0, id: "1", name: "clock" });
  now = 70;
  timer.see({ type: "toolcall_delta", ...at, index: 0, delta: "{}" });
  expect(timer.statistics(undefined)).toMatchObject({ firstTokenMs: 50, outputMs: 20 });
});

test("an answer without output has no first token", () => {
  expect(createReplyTimer().statistics(undefined)).toMatchObject({ firstTokenMs: undefined, outputMs: 0 });
});
