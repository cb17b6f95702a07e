import { describe, expect, it } from "vitest";

import { parseCommandLine, type LabCommandLine } from "./parse-command-line.ts";

function parse(line: string): LabCommandLine {
  const parsed = parseCommandLine(line.split(" ").filter((word) => word !== ""));
  if (parsed.status === "exit") throw new Error(parsed.text);
  return parsed.commandLine;
}

function refuse(...words: string[]): { exitCode: number; text: string } {
  const parsed = parseCommandLine(words);
  if (parsed.status === "run") throw new Error("was accepted");
  return parsed;
}

describe("what is left out", () => {
  it("has a default", () => {
    expect(parse("")).toEqual({
      model: "tiny-r",
      withoutParsers: false,
      lora: false,
      port: 8000,
      env: {},
      vllmVersion: "0.32.0",
      setupOnly: false,
      json: false,
      flags: [],
    });
  });
});

describe("own options", () => {
  it("are taken wherever they stand", () => {
    expect(
      parse("--model tiny --max-model-len 4096 --port 0 --lora --json --setup-only --without-parsers"),
    ).toMatchObject({
      model: "tiny",
      port: 0,
      lora: true,
      json: true,
      setupOnly: true,
      withoutParsers: true,
      flags: ["--max-model-len", "4096"],
    });
  });

  it("take their value after = too", () => {
    expect(parse("--port=8123 --script=glm-think --vllm-version=0.28.0 --api-key=sk-1")).toMatchObject({
      port: 8123,
      script: "glm-think",
      vllmVersion: "0.28.0",
      apiKey: "sk-1",
      flags: [],
    });
  });

  it("collect environment variables", () => {
    expect(parse("--env A=1 --env B=x=y --env C=").env).toEqual({ A: "1", B: "x=y", C: "" });
  });
});

describe("flags of vllm serve", () => {
  it.each([
    "--tool-call-parser qwen3_coder --reasoning-parser qwen3",
    "--served-model-name a b",
    "--served-model-name a b --root-path /vllm",
    '--limit-mm-per-prompt {"image":1}',
    "--max_model_len=4096 --enable-prompt-tokens-details",
    "--no-enforce-eager",
    "--seed -1",
    "-tp 1",
  ])("%s: as they are", (line) => {
    expect(parse(line).flags).toEqual(line.split(" "));
  });

  it("are found between own ones", () => {
    expect(parse("--port 1 --served-model-name a b --lora --seed 7")).toMatchObject({
      port: 1,
      lora: true,
      flags: ["--served-model-name", "a", "b", "--seed", "7"],
    });
  });
});

describe("mistakes", () => {
  it.each([
    [["--model", "qwen"], /--model <name>' argument 'qwen' is invalid.*tiny, tiny-r, tiny-v/],
    [["--script", "gpt"], /'gpt' is invalid.*hermes-think/],
    [["--vllm-version", "0.9.2"], /'0.9.2' is invalid.*0\.32\.0/],
    [["--port", "http"], /A port is a number from 0 to 65535/],
    [["--port", "70000"], /A port is a number from 0 to 65535/],
    [["--port", "-1"], /A port is a number from 0 to 65535/],
    [["--port"], /argument missing/],
    [["--env", "A"], /Write it as KEY=VALUE/],
    [["--env", "=1"], /Write it as KEY=VALUE/],
    [["org/model"], /does not know what "org\/model" is/],
  ])("%j: exit code 2 and a sentence", (words, expected) => {
    const { exitCode, text } = refuse(...words);
    expect(exitCode).toBe(2);
    expect(text).toMatch(expected);
  });

  it("do not show a key", () => {
    expect(refuse("--api-key", "sk-secret", "--port", "x").text).not.toContain("sk-secret");
  });
});

describe("--help", () => {
  it("explains and ends well", () => {
    const { exitCode, text } = refuse("--help");
    expect(exitCode).toBe(0);
    for (const option of [
      "--model",
      "--script",
      "--without-parsers",
      "--lora",
      "--port",
      "--api-key",
      "--env",
      "--setup-only",
      "--json",
      "--vllm-version",
    ]) {
      expect(text).toContain(option);
    }
    expect(text).toContain("vllm serve");
  });
});
