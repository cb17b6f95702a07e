import { describe, expect, test } from "vitest";
import { createLoopGuard, toLoopAnswer } from "./loop-guard.ts";

const verdicts = (...calls: [name: string, given: unknown][]) => {
  const guard = createLoopGuard();
  return calls.map(([name, given]) => guard.check(name, given));
};

describe("createLoopGuard", () => {
  test("the third same call in a row is answered, the sixth ends the turn", () => {
    const call: [string, unknown] = ["calculator", { expression: "1 + 1" }];
    expect(verdicts(call, call, call, call, call, call, call)).toEqual([
      "run",
      "run",
      "answer",
      "answer",
      "answer",
      "stop",
      "stop",
    ]);
  });

  test("another call in between starts anew", () => {
    const one: [string, unknown] = ["read_file", { path: "a" }];
    const two: [string, unknown] = ["read_file", { path: "b" }];
    expect(verdicts(one, one, two, one, one, two)).toEqual(["run", "run", "run", "run", "run", "run"]);
  });

  test("the same arguments to another tool are another call", () => {
    expect(
      verdicts(["list_files", { path: "." }], ["list_files", { path: "." }], ["read_file", { path: "." }]),
    ).toEqual(["run", "run", "run"]);
  });

  test("the order of keys makes no difference, at any depth; that of lists does", () => {
    const a = { query: "x", filter: { tags: [1, 2], deep: { p: 1, q: 2 } } };
    const b = { filter: { deep: { q: 2, p: 1 }, tags: [1, 2] }, query: "x" };
    const c = { ...a, filter: { ...a.filter, tags: [2, 1] } };
    expect(verdicts(["search", a], ["search", b], ["search", a], ["search", c])).toEqual([
      "run",
      "run",
      "answer",
      "run",
    ]);
  });

  test("broken arguments are compared as text", () => {
    expect(verdicts(["t", '{"a": '], ["t", '{"a": '], ["t", '{"a": ']).at(-1)).toBe("answer");
  });

  test("the model is told what to do instead", () => {
    expect(toLoopAnswer("clock")).toBe(
      "Not run: you made this same clock call 3 times in a row, and the result would be the same. Use the earlier result, or try something else.",
    );
  });
});
