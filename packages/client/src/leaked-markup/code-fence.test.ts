import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CodeFence } from "./code-fence.ts";

function isCodeAfter(...pieces: string[]): boolean {
  const fence = new CodeFence();
  for (const piece of pieces) fence.follow(piece);
  return fence.isOpen;
}

test.each([
  ["a block", "Like so:\n```sh\nls\n", true],
  ["a block that is closed", "```\nls\n```\n", false],
  ["a block of tildes, indented", "   ~~~\nx", true],
  ["four blanks make no block", "    ```\n\nx", false],
  ["backticks in a block", "```\na `b\n", true],
  ["the line that opens a block", "```sh", true],
  ["a span", "Run `ls", true],
  ["a span that is closed", "Run `ls` now", false],
  ["a span of two, with one inside", "``a ` b", true],
  ["a span of two that is closed", "``a ` b`` c", false],
  ["a span goes on in the next line of a paragraph", "`a\nb", true],
  ["an empty line ends a span", "`a\n\nb", false],
  ["tildes in a line", "about ~~~ ten", false],
])("%s", (_, text, isCode) => {
  expect(isCodeAfter(text)).toBe(isCode);
});

test("pieces may be cut anywhere", () => {
  const text = fc.array(fc.constantFrom("`", "``", "```", "~~~", "~", "\n", "\n\n", " ", "    ", "x", "ls -l", "é🌞"));
  fc.assert(
    fc.property(text, (pieces) => {
      const whole = pieces.join("");
      const isCode = isCodeAfter(whole);
      expect(isCodeAfter(...pieces)).toBe(isCode);
      expect(isCodeAfter(...whole)).toBe(isCode);
    }),
  );
});
