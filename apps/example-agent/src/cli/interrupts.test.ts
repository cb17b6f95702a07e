import { EventEmitter } from "node:events";
import { expect, test, vi } from "vitest";
import { watchInterrupts } from "./interrupts.ts";

function open() {
  const process = new EventEmitter();
  const exit = vi.fn();
  return { process, exit, interrupts: watchInterrupts(process, exit) };
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
])("%s aborts, and the exit code is %d", (name, code) => {
  const { process, exit, interrupts } = open();
  expect([interrupts.signal.aborted, interrupts.exitCode]).toEqual([false, undefined]);
  process.emit(name);
  expect([interrupts.signal.aborted, interrupts.exitCode]).toEqual([true, code]);
  expect(exit).not.toHaveBeenCalled();
});

test("the second signal does not wait", () => {
  const { process, exit } = open();
  process.emit("SIGINT");
  process.emit("SIGINT");
  expect(exit).toHaveBeenCalledExactlyOnceWith(130);
});

test("captured, Ctrl-C is somebody else's, until it is given back; other signals are not", () => {
  const { process, interrupts } = open();
  const listener = vi.fn();
  const release = interrupts.capture(listener);
  process.emit("SIGINT");
  expect(listener).toHaveBeenCalledOnce();
  expect(interrupts.signal.aborted).toBe(false);
  release();
  process.emit("SIGTERM");
  expect(interrupts.exitCode).toBe(143);
  expect(listener).toHaveBeenCalledOnce();
});

test("stops listening", () => {
  const { process, interrupts } = open();
  interrupts.stop();
  expect(process.eventNames()).toEqual([]);
});
