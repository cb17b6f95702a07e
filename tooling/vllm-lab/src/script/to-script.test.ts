import { describe, expect, it } from "vitest";

import type { Reply } from "./reply.ts";
import { toScript } from "./to-script.ts";

const CALL = { name: "clock", arguments: { timezone: "UTC" } };
const base: Reply = { about: "", user: "x", say: ["Hi."] };
const say = (reply: Partial<Reply>, thinks = true, style: "hermes" | "llama" = "hermes") =>
  toScript([{ ...base, ...reply }], style, thinks)[0]?.say;

const prompt = (between: string) => `<|im_start|>user\nAn x.<|im_end|>\n${between}<|im_start|>assistant\n`;

describe("what is said", () => {
  it("thinks first, in thinking scripts", () => {
    expect(say({ think: "Hm." })).toBe("<think>\nHm.\n</think>\n\nHi.");
    expect(say({ think: "Hm." }, false)).toBe("Hi.");
  });

  it("keeps an empty thought, as templates that force one do", () => {
    expect(say({ think: "" })).toBe("<think>\n\n</think>\n\nHi.");
  });

  it("does not think where no thought is written", () => {
    expect(say({})).toBe("Hi.");
  });

  it("leaves no blank line where a grammar would not allow it", () => {
    expect(say({ think: "Hm.", tight: true })).toBe("<think>\nHm.\n</think>Hi.");
  });

  it("writes calls in the style's format", () => {
    expect(say({ say: ["So: ", { calls: [CALL] }] })).toBe(
      'So: <tool_call>\n{"name": "clock", "arguments": {"timezone": "UTC"}}\n</tool_call>',
    );
  });

  it("says a preamble only in styles that can have one", () => {
    const pieces = [{ preamble: "Let me see. " }, { calls: [CALL] }];
    expect(say({ say: pieces })).toMatch(/^Let me see. <tool_call>/);
    expect(say({ say: pieces }, true, "llama")).toMatch(/^\{"name"/);
  });

  it("breaks a call off", () => {
    expect(say({ say: [{ calls: [CALL], cutAfter: "UT" }] })).toBe(
      '<tool_call>\n{"name": "clock", "arguments": {"timezone": "UT',
    );
  });

  it("leaves random tokens random", () => {
    expect(say({ say: null })).toBeNull();
  });
});

describe("when it is said", () => {
  const RESULT = "<|im_start|>user\n<tool_response>\n1\n</tool_response><|im_end|>\n";
  const ASSISTANT = "<|im_start|>assistant\nA call.<|im_end|>\n";
  const matches = (results: string | undefined, count: number) => {
    const [rule] = toScript([{ ...base, ...(results === undefined ? {} : { results }) }], "hermes", false);
    return new RegExp(rule?.when ?? "", "s").test(prompt((ASSISTANT + RESULT).repeat(count)));
  };

  it.each([
    [undefined, [true, false, false, false]],
    ["0", [true, false, false, false]],
    ["1", [false, true, false, false]],
    ["2", [false, false, true, false]],
    ["1+", [false, true, true, true]],
    ["2+", [false, false, true, true]],
    ["0+", [true, true, true, true]],
  ])("results %s", (results, expected) => {
    expect([0, 1, 2, 3].map((count) => matches(results, count))).toEqual(expected);
  });

  it("counts the results of one turn one by one", () => {
    const [rule] = toScript([{ ...base, results: "2" }], "hermes", false);
    expect(new RegExp(rule?.when ?? "", "s").test(prompt(ASSISTANT + RESULT + RESULT))).toBe(true);
  });

  it("looks for the pattern in the user's last message only", () => {
    const [rule] = toScript([base], "hermes", false);
    const later = `${prompt(ASSISTANT)}Y.<|im_end|>\n<|im_start|>user\nA why.<|im_end|>\n<|im_start|>assistant\n`;
    expect(new RegExp(rule?.when ?? "", "s").test(later)).toBe(false);
  });

  it("does not match a long prompt without the pattern", () => {
    const [rule] = toScript([{ ...base, user: "never said" }], "hermes", false);
    const long = prompt(`${ASSISTANT}${RESULT.replace("1", "word ".repeat(40_000))}`);
    expect(new RegExp(rule?.when ?? "", "s").test(long)).toBe(false);
  });
});
