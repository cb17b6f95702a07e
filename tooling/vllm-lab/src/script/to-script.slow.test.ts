import { expect, it } from "vitest";
import { toScript } from "./to-script.ts";

it("takes no time on a long prompt", () => {
  const [rule] = toScript([{ about: "", user: "never said", say: ["Hi."] }], "hermes", false);
  const result = `<|im_start|>user\n<tool_response>\n${"word ".repeat(40_000)}\n</tool_response><|im_end|>\n`;
  const between = `<|im_start|>assistant\nA call.<|im_end|>\n${result}`;
  const long = `<|im_start|>user\nAn x.<|im_end|>\n${between}<|im_start|>assistant\n`;
  const { user } = process.cpuUsage();
  expect(new RegExp(rule?.when ?? "", "s").test(long)).toBe(false);
  expect(process.cpuUsage().user - user).toBeLessThan(500_000);
});
