import { describe, expect, it } from "vitest";

import { toStartFailure } from "./to-start-failure.ts";

/** Lines of real failed starts of vLLM 0.32.0, shortened. */
const WRONG_PARSER = [
  "Traceback (most recent call last):",
  '  File "launch.py", line 24, in <module>',
  "    raise KeyError(",
  "KeyError: 'invalid tool call parser: nope (chose from { apertus,hermes })'",
];
const WRONG_FLAG = ["usage: vllm [-h] [-v]", "            ...", "vllm: error: unrecognized arguments: --nonsense"];
const WINDOW_TOO_LONG = [
  "pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig",
  "  Value error, User-specified max_model_len (999999) is greater than the derived max_model_len (131072). [type=value_error, input_value=ArgsKwargs]",
  "    For further information visit the documentation",
];
const ENGINE_DIED = [
  "(EngineCore pid=12) ERROR 11-22 18:01:56 [core.py:906] FileNotFoundError: [Errno 2] No such file or directory: 'x.json'",
  "(APIServer pid=11) Traceback (most recent call last):",
  "(APIServer pid=11) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {'EngineCore': 1}",
];

describe("toStartFailure", () => {
  it.each([
    ["a wrong parser", WRONG_PARSER, "KeyError: 'invalid tool call parser: nope (chose from { apertus,hermes })'"],
    ["a wrong flag", WRONG_FLAG, "vllm: error: unrecognized arguments: --nonsense"],
    [
      "a window that is too long",
      WINDOW_TOO_LONG,
      "Value error, User-specified max_model_len (999999) is greater than",
    ],
    ["an engine that died", ENGINE_DIED, "FileNotFoundError: [Errno 2] No such file or directory: 'x.json'"],
  ])("begins with the cause: %s", (_, lines, cause) => {
    const error = toStartFailure("exit code 1", lines);
    expect(error.message.split("\n")[0]).toContain(`vLLM did not start (exit code 1): ${cause}`);
    expect(error.message).toContain("\nIts last lines:\n");
    expect(error.message).toContain(lines.at(-1));
    expect(error.hint).toContain("vllm serve --help");
  });

  it("shows the last lines where no cause is to be found", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const { message } = toStartFailure("exit code 1", lines);
    expect(message).toMatch(/^vLLM did not start \(exit code 1\)\.\n/);
    expect(message).toContain("  line 99");
    expect(message).not.toContain("line 50");
  });

  it("thinks of memory when it was killed", () => {
    expect(toStartFailure("signal SIGKILL", []).hint).toContain("3 GB");
  });
});
