import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToolError } from "../tool.ts";
import { calculator } from "./calculator.ts";

const context = { signal: new AbortController().signal, maxChars: 1000 };
const calculate = (expression: string) => calculator.run({ expression }, context);

describe("calculator", () => {
  test.each([
    ["17 * 23", "391"],
    ["2 + 3 * 4", "14"],
    ["(2 + 3) * 4", "20"],
    ["7 - 2 - 1", "4"],
    ["2 ^ 3 ^ 2", "512"],
    ["2 ** 10", "1024"],
    ["-2 ^ 2", "-4"],
    ["2 ^ -1", "0.5"],
    ["--5", "5"],
    ["10 / 4", "2.5"],
    ["10 / 5", "2"],
    ["-5 % 3", "1"],
    ["5.5 % 2", "1.5"],
    ["0.1 + 0.2", "0.3"],
    [".5 * 4.", "2"],
    ["1e3 + 1", "1001"],
    ["1_000_000 + 1", "1000001"],
    ["6 × 7 − 2 ÷ 1", "40"],
    ["sqrt(16) + abs(-3)", "7"],
    ["max(1, 2, 3.5)", "3.5"],
    ["ROUND(2.6) + floor(2.6) + ceil(2.2)", "8"],
    ["cos(0) + ln(e)", "2"],
    ["2 * pi", "6.28318530717959"],
    ["2 ^ 100", "1267650600228229401496703205376"],
    ["99999999999999999999 + 1", "100000000000000000000"],
  ])("%s = %s", (expression, result) => {
    expect(calculate(expression)).toBe(result);
  });

  test.each([
    ["", "The expression is empty."],
    ["1 +", "A number is missing at the end."],
    ["(1 + 2", "The bracket opened at position 1 is not closed at the end."],
    ["2 (3)", 'The calculation should end before "(" at position 3.'],
    ["1,000 * 2", 'The calculation should end before "," at position 2. Write large numbers without commas.'],
    ["1 / 0", "Division by zero."],
    ["1 % 0", "Division by zero."],
    ["10 ^ 400 * 1.5", "The result is too large."],
    ["sqrt(-1)", "The result is not a real number."],
    ["sqrt(1, 2)", "sqrt takes 1 number, not 2."],
    ["process.exit(1)", '"." at position 8 does not belong in a calculation.'],
    ["1; 2", '";" at position 2 does not belong in a calculation.'],
    ["😀", '"😀" at position 1 does not belong in a calculation.'],
  ])("refuses %j: %s", (expression, message) => {
    expect(() => calculate(expression)).toThrow(new ToolError(message));
  });

  test.each(["constructor", "valueOf", "toString(1)", "hasOwnProperty(1)", "foo"])("knows no %s", (expression) => {
    expect(() => calculate(expression)).toThrow(/^Unknown (name|function)/);
  });

  test.each([
    ["deep brackets", "(".repeat(400) + "1" + ")".repeat(400)],
    ["many signs", "-".repeat(999) + "1"],
    ["nested powers", `${"2^".repeat(400)}2`],
    ["a long text", `1${"+1".repeat(600)}`],
    ["a huge power", "9999999 ^ 99999999"],
    ["a power of a huge power", "(9^999)^(9^999)"],
  ])("refuses %s", (_name, expression) => {
    expect(() => calculate(expression)).toThrow(ToolError);
  });

  test("agrees with JavaScript on whatever both can calculate", () => {
    /** A text, and more than any number that is met on the way to its result. */
    interface Expression {
      text: string;
      bound: number;
    }
    const number = fc.integer({ min: 0, max: 999 }).map((value): Expression => ({ text: String(value), bound: value }));
    const toBound = (left: Expression, right: Expression) => (left.bound + 1) * (right.bound + 1);
    const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4 },
        number,
        fc
          .tuple(tie("expression"), fc.constantFrom("+", "-", "*"), tie("expression"))
          .map(([left, operator, right]) => ({
            text: `(${left.text} ${operator} ${right.text})`,
            bound: toBound(left, right),
          })),
        fc.tuple(tie("expression"), fc.constantFrom("+", "-", "*"), number).map(([left, operator, right]) => ({
          text: `${left.text} ${operator} ${right.text}`,
          bound: toBound(left, right),
        })),
        // Never by zero, which JavaScript takes for infinity and goes on.
        fc.tuple(tie("expression"), tie("expression")).map(([left, right]) => ({
          text: `((${left.text}) / ((${right.text}) * (${right.text}) + 1))`,
          bound: toBound(left, right) * (right.bound + 1),
        })),
      ),
    }));
    fc.assert(
      fc.property(expression, ({ text, bound }) => {
        const expected = Number(new Function(`return ${text}`)());
        expect(Math.abs(Number(calculate(text)) - expected)).toBeLessThan(1e-9 + 1e-12 * bound);
      }),
      { numRuns: 300, ignoreEqualValues: true },
    );
  });

  test("answers or refuses any text, never anything else", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(..."0123456789+-*/^%().,e piqsrt"), maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, (expression) => {
        try {
          expect(calculate(expression)).toMatch(/^-?[\d.e+-]+$/);
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
