import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RunEvent } from "../run/run-event.ts";
import { withWaitingLine } from "./waiting-line.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const question: RunEvent = { type: "question", text: "q" };
const start: RunEvent = { type: "start", id: "1", model: "m" };
const piece: RunEvent = { type: "text_delta", choiceIndex: 0, contentIndex: 0, delta: "x" };

function open() {
  let text = "";
  const emit = withWaitingLine(
    (event) => (text += `[${event.type}]`),
    (written) => (text += written),
  );
  return { emit, text: () => text };
}

test("a quick answer has no waiting line", () => {
  const { emit, text } = open();
  emit(question);
  vi.advanceTimersByTime(900);
  emit(start);
  emit(piece);
  vi.advanceTimersByTime(5000);
  expect(text()).toBe("[question][start][text_delta]");
});

test("a slow one has, counting from the question, and it is gone before the first piece", () => {
  const { emit, text } = open();
  emit(question);
  emit(start);
  vi.advanceTimersByTime(2100);
  emit(piece);
  vi.advanceTimersByTime(5000);
  expect(text()).toBe(
    "[question][start]\r\u001b[2mwaiting … 1.0 s\u001b[0m\u001b[K\r\u001b[2mwaiting … 2.0 s\u001b[0m\u001b[K\r\u001b[K[text_delta]",
  );
});

test("a server that is slow to say what it is", () => {
  const { emit, text } = open();
  vi.advanceTimersByTime(1000);
  emit({ type: "provider", source: "option", reason: "r" });
  vi.advanceTimersByTime(1000);
  emit({ type: "conversation", model: "m", contextWindow: 1, baseUrl: "b", folder: "f" });
  vi.advanceTimersByTime(9000);
  const line = (seconds: number) => `\r\u001b[2mwaiting … ${seconds}.0 s\u001b[0m\u001b[K\r\u001b[K`;
  expect(text()).toBe(`${line(1)}[provider]${line(1)}[conversation]`);
});

test("an error takes it away, too", () => {
  const { emit, text } = open();
  emit(question);
  vi.advanceTimersByTime(1000);
  emit({ type: "stopped" });
  vi.advanceTimersByTime(5000);
  expect(text().endsWith("\r\u001b[K[stopped]")).toBe(true);
});
