import { expect, it } from "vitest";

import { createLogTail } from "./log-tail.ts";

const after = (limit: number, ...pieces: string[]) => {
  const tail = createLogTail(limit);
  for (const piece of pieces) tail.push(piece);
  return tail.lines();
};

it("keeps the last lines, oldest first", () => {
  expect(after(2, "a\nb\n", "c\n")).toEqual(["b", "c"]);
});

it("joins lines that arrive in pieces", () => {
  expect(after(5, "a", "b\nc", "d\n")).toEqual(["ab", "cd"]);
});

it("shows an unfinished line, and counts it", () => {
  expect(after(2, "a\nb\nunfinished")).toEqual(["b", "unfinished"]);
});

it("takes progress bars, which go back to the line's start, line by line", () => {
  expect(after(5, "10%\r20%\r\n30%\n")).toEqual(["10%", "20%", "30%"]);
});

it("leaves out empty lines", () => {
  expect(after(5, "a\n\n\nb\n")).toEqual(["a", "b"]);
});

it("is empty at first", () => {
  expect(after(5)).toEqual([]);
});
