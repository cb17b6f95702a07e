import { expect, it } from "vitest";

import type { ModelName } from "./install-models.ts";
import { listScriptNames, parseScriptName, toDefaultScript } from "./lab-defaults.ts";

it.each<[ModelName, string | undefined, string]>([
  ["tiny-r", undefined, "hermes-think"],
  ["tiny", undefined, "hermes"],
  ["tiny-v", undefined, "hermes"],
  ["tiny-r", "qwen3_coder", "qwen_xml-think"],
  ["tiny", "qwen3_xml", "qwen_xml"],
  ["tiny", "llama3_json", "llama"],
  ["tiny-r", "deepseek_v31", "ds31-think"],
  ["tiny", "mistral", "mistral11"],
  ["tiny-r", "a_parser_of_tomorrow", "hermes-think"],
])("%s with the parser %s says %s", (model, parser, expected) => {
  expect(toDefaultScript(model, parser)).toBe(expected);
});

it("reads every name that it lists", () => {
  const names = listScriptNames();
  expect(names).toHaveLength(20);
  expect(names.filter((name) => parseScriptName(name) === undefined)).toEqual([]);
});

it.each(["", "Hermes", "hermes-thinking", "-think", "toString", "hermes-think-think"])("knows no script %j", (name) => {
  expect(parseScriptName(name)).toBeUndefined();
});
