import { complaintsAbout } from "@vllm-tooling/contract";
import { expect, test } from "vitest";
import { hangText, widestWord, wrapText } from "../src/cli/terminal/wrap-text.ts";

test("a text is wrapped in linear time", async () => {
  const run = (text: string) => [wrapText(text, 80), hangText(text, 4, 80), widestWord(text)];
  // The columns of each character are looked up, which takes microseconds outside of ASCII.
  const pass = { prepare: (text: string) => text, run, sizes: [2000, 20_000], mostBlockedMs: 3000 };
  const atoms = ["a", " ", "\n", "-", "é", "😀", "\u200b", "\ud800", "word ", "vllm-connect ", " --flag x"];
  expect(await complaintsAbout(pass, atoms)).toEqual([]);
});
