import { describe, expect, test } from "vitest";
import { quoteServer } from "./quote-server.ts";

describe("quoteServer", () => {
  test.each<[string, string]>([
    ["n must be at least 1, got 0.", "n must be at least 1, got 0."],
    ["top_p must be in (0, 1], got 2.0. (parameter=top_p, value=2.0)", "top_p must be in (0, 1], got 2.0."],
    ["This model's window isn't known", "This model's window isn't known"],
    ["Only 'text', \"json\" or `x/y-z.1` are known", "Only 'text', \"json\" or `x/y-z.1` are known"],
    ["token_id(s) [999999] in logit_bias", "token_id(s) [999999] in logit_bias"],
    ["rank 7 is out of range [0, 2).", "rank 7 is out of range [0, 2)."],
    ["reason: it failed", "reason: it failed"],
    ["a\n  b\t c\u0007\u001b[31md", "a b c …"],
    ["right\u202eleft", "right …"],
    ["x is bad None", "x is bad"],
    ["twice said. twice said.", "twice said."],
    ["cannot use 'two words' here", "cannot use …"],
    ['cannot use "it\'s" here', "cannot use …"],
    ["got {'a': 1}", "got …"],
    ["got ['a']", "got …"],
    ['see ("two words")', "see …"],
    ["fetch of http://host/path?key=1 failed", "fetch of http …"],
    ["key sk-lab-1234 and Bearer abc.def", "key … and …"],
    ["x", "x"],
    ["", ""],
  ])("%j → %j", (text, shown) => {
    expect(quoteServer(text)).toBe(shown);
  });

  test("at most 300 characters", () => {
    expect(quoteServer("word ".repeat(200))).toHaveLength(300);
    expect(quoteServer("word ".repeat(200))).toMatch(/ wo…$|word…$| w…$| wor…$/);
    expect(quoteServer("x".repeat(300))).toBe("x".repeat(300));
  });
});
