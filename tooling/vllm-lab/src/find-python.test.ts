import { describe, expect, it } from "vitest";

import { findPython } from "./find-python.ts";

/** A PATH on which the named commands print or fail. */
const findOn = (commands: Record<string, string | Error>) =>
  findPython(async (command) => {
    const answer = commands[command] ?? new Error(`spawn ${command} ENOENT`);
    if (answer instanceof Error) throw answer;
    return answer;
  });

const NO_VENV = new Error("Command failed\nModuleNotFoundError: No module named 'ensurepip'");

describe("findPython", () => {
  it.each([
    ["python3.11 by its name", { "python3.11": "3.11 /usr/bin/python3.11\n" }, { path: "/usr/bin/python3.11" }],
    ["python3 of that version", { python3: "3.11 /opt/py/bin/python3" }, { path: "/opt/py/bin/python3" }],
    ["a path with a blank", { python: "3.11 /opt/my py/python" }, { path: "/opt/my py/python" }],
    ["nothing in a newer one", { python3: "3.12 /usr/bin/python3" }, { problem: "absent" }],
    ["nothing in an older one", { python3: "3.9 /usr/bin/python3" }, { problem: "absent" }],
    ["nothing at all", {}, { problem: "absent" }],
    [
      "a name without a version behind it",
      { "python3.11": new Error("pyenv: command not found") },
      { problem: "absent" },
    ],
    ["a Python 3.11 without venv", { "python3.11": NO_VENV }, { problem: "without-venv" }],
    ["another one that has it", { "python3.11": NO_VENV, python3: "3.11 /b/python3" }, { path: "/b/python3" }],
  ])("finds %s", async (_, commands, expected) => {
    expect(await findOn(commands)).toEqual(expected);
  });

  it("gives a verdict on this machine, whichever", async () => {
    const found = await findPython();
    expect(found.path ?? found.problem).toMatch(/python|absent|without-venv/);
  });
});
