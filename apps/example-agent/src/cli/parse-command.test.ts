import { describe, expect, test } from "vitest";
import { chooseColors } from "./choose-colors.ts";
import { parseCommand } from "./parse-command.ts";

describe("parseCommand", () => {
  test("demo with every option", () => {
    const line = [
      "demo",
      "--base-url",
      "http://h:1/v1",
      "--model",
      "org/m",
      "--config",
      "c.json5",
      "--json",
      "--no-color",
    ];
    expect(parseCommand(line)).toEqual({
      command: "demo",
      options: { baseUrl: "http://h:1/v1", model: "org/m", config: "c.json5", json: true, color: false },
    });
  });

  test("nothing but the command", () => {
    expect(parseCommand(["demo"])).toEqual({ command: "demo", options: { color: true } });
    expect(parseCommand(["agent"])).toEqual({ command: "agent", options: { color: true }, question: undefined });
  });

  test("a question in one word or in several, with options around it", () => {
    expect(parseCommand(["agent", "What is this?"])).toMatchObject({ question: "What is this?" });
    expect(parseCommand(["agent", "--json", "What", "is", "this?", "--model", "m"])).toMatchObject({
      question: "What is this?",
      options: { json: true, model: "m" },
    });
    expect(parseCommand(["agent", "--", "--help", "me"])).toMatchObject({ question: "--help me" });
    expect(parseCommand(["agent", "  "])).toMatchObject({ question: undefined });
  });

  test.each([["--help"], ["demo --help"], ["agent -h"], ["help agent"]])("%s is help, with code 0", (line) => {
    const parsed = parseCommand(line.split(" "));
    expect(parsed).toMatchObject({ command: "exit", exitCode: 0, error: "" });
    expect(parsed.command === "exit" && parsed.output).toContain("Usage:");
  });

  test("help names every option, the variables and the exit codes", () => {
    const parsed = parseCommand(["demo", "--help"]);
    const text = parsed.command === "exit" ? parsed.output : "";
    const words = [
      "--base-url",
      "--model",
      "--config",
      "--json",
      "--no-color",
      "VLLM_API_KEY",
      "VLLM_BASE_URL",
      "NO_COLOR",
      "130",
    ];
    for (const word of words) expect(text).toContain(word);
  });

  test.each([
    ["", "Usage:"],
    ["demoo", "Did you mean demo?"],
    ["demo --base-ur x", "Did you mean --base-url?"],
    ["demo --base-url", "argument missing"],
    ["demo surplus", "too many arguments"],
  ])("%j is wrong usage, with code 2: %s", (line, said) => {
    const parsed = parseCommand(line.split(" ").filter((word) => word !== ""));
    expect(parsed).toMatchObject({ command: "exit", exitCode: 2, output: "" });
    expect(parsed.command === "exit" && parsed.error).toContain(said);
  });
});

describe("chooseColors", () => {
  test.each([
    [{ isWanted: true, isTerminal: true, env: {} }, true],
    [{ isWanted: true, isTerminal: true, env: { NO_COLOR: "" } }, true],
    [{ isWanted: true, isTerminal: true, env: { NO_COLOR: "1" } }, false],
    [{ isWanted: true, isTerminal: true, env: { TERM: "dumb" } }, false],
    [{ isWanted: false, isTerminal: true, env: {} }, false],
    [{ isWanted: true, isTerminal: false, env: {} }, false],
    [{ isWanted: true, isTerminal: false, env: { CI: "1" } }, false],
  ])("%j: %s", (question, isOn) => {
    expect(chooseColors(question).isColorSupported).toBe(isOn);
    expect(chooseColors(question).red("x") === "x").toBe(!isOn);
  });
});
