import { inspect } from "node:util";
import { expect, test } from "vitest";
import { formatVllmError, VllmError } from "../core.ts";
import { printable, printableLines } from "./printable.ts";

const UNSAFE = "\0\u0007\u001b\u007f\u009b\u2028\u202e\u2066";

test("controls and marks of direction are gone, and nothing else is", () => {
  expect(printable(`a${UNSAFE}b\n\tc`)).toBe("abc");
  expect(printableLines(`a${UNSAFE}\r\nb\tc`)).toBe("a\nbc");
  expect(printable("größer 深い 👩‍💻 …")).toBe("größer 深い 👩‍💻 …");
});

test("an error shows none of them, wherever its texts come from", () => {
  const from = `x${UNSAFE}y`;
  const error = new VllmError({
    code: "MODEL_NOT_FOUND",
    message: `The model ${from} is not served.\nAsk again.`,
    hint: `Use ${from}.`,
    requestId: `${from}\n`,
    availableModels: [from],
    suggestion: from,
  });
  expect([error.message, error.hint, error.requestId]).toEqual([
    "The model xy is not served.\nAsk again.",
    "Use xy.",
    "xy",
  ]);
  for (const shown of [String(error), error.stack ?? "", inspect(error), formatVllmError(error)])
    expect(printableLines(shown)).toBe(shown);
  // What a program reads is what came.
  expect(error.availableModels).toEqual([from]);
});
