import { describe, expect, test } from "vitest";
import { runToolCall } from "./run-tool-call.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool.ts";

const toolThat = (run: Tool["run"]): Tool => ({ name: "probe", description: "", parameters: {}, run });
const call = { name: "probe", arguments: {} };

describe("runToolCall", () => {
  const context = { signal: new AbortController().signal, maxChars: 100 };

  test("gives back what the tool said", async () => {
    expect(await runToolCall(call, [toolThat(async () => "fine")], context)).toEqual({
      output: "fine",
      isError: false,
    });
  });

  test("an unknown tool is answered with the names there are", async () => {
    const outcome = await runToolCall({ name: "rm", arguments: {} }, [toolThat(() => "")], context);
    expect(outcome).toEqual({ output: 'There is no tool "rm". The tools are: probe.', isError: true });
  });

  test("wrong arguments are answered, and the tool does not run", async () => {
    const outcome = await runToolCall(
      { name: "probe", arguments: { x: 1 } },
      [toolThat(() => expect.unreachable())],
      context,
    );
    expect(outcome).toEqual({ output: 'There is no argument "x". probe takes {}.', isError: true });
  });

  test("a refusal is the answer", async () => {
    const tool = toolThat(() => {
      throw new ToolError("Not like this.");
    });
    expect(await runToolCall(call, [tool], context)).toEqual({ output: "Not like this.", isError: true });
  });

  test("a failure tells its code and nothing of this machine", async () => {
    const tool = toolThat(() => {
      throw Object.assign(new Error("EACCES: /home/me/secret"), { code: "EACCES" });
    });
    expect(await runToolCall(call, [tool], context)).toEqual({ output: "probe failed (EACCES).", isError: true });
  });

  test("a long result is cut at a line's end, and says so", async () => {
    const outcome = await runToolCall(call, [toolThat(() => `${"x".repeat(80)}\n${"y".repeat(80)}`)], context);
    expect(outcome.output).toBe(`${"x".repeat(80)}\n[cut: 81 more characters]`);
  });

  test("a long result is never cut in the middle of a character", async () => {
    const outcome = await runToolCall(call, [toolThat(() => `x${"😀".repeat(80)}`)], context);
    expect(outcome.output).toBe(`x${"😀".repeat(49)}\n[cut: 62 more characters]`);
  });

  test("the person's stop is thrown", async () => {
    const controller = new AbortController();
    const tool = toolThat(() => {
      controller.abort();
      throw new Error("stopped");
    });
    await expect(runToolCall(call, [tool], { ...context, signal: controller.signal })).rejects.toThrow("aborted");
  });
});
