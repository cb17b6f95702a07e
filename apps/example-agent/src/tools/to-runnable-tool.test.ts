import { describe, expect, test } from "vitest";
import { callTool } from "../../test/support/call-tool.ts";
import type { Tool } from "./tool.ts";
import { ToolError } from "./tool.ts";

const toolThat = (run: Tool["run"]): Tool => ({ name: "probe", description: "", parameters: {}, run });

describe("a tool of a run", () => {
  const context = { signal: new AbortController().signal, maxChars: 100 };

  test("gives back what the tool said", async () => {
    expect(
      await callTool(
        toolThat(async () => "fine"),
        {},
        context,
      ),
    ).toEqual({ output: "fine", isError: false });
  });

  test("wrong arguments are answered, and the tool does not run", async () => {
    const outcome = await callTool(
      toolThat(() => expect.unreachable()),
      { x: 1 },
      context,
    );
    expect(outcome).toEqual({
      output: expect.stringContaining('Unknown argument "x". probe takes {}.'),
      isError: true,
    });
  });

  test("a refusal is the answer", async () => {
    const tool = toolThat(() => {
      throw new ToolError("Not like this.");
    });
    expect(await callTool(tool, {}, context)).toEqual({ output: "Not like this.", isError: true });
  });

  test("a failure tells its code and nothing of this machine", async () => {
    const tool = toolThat(() => {
      throw Object.assign(new Error("EACCES: /home/me/secret"), { code: "EACCES" });
    });
    expect(await callTool(tool, {}, context)).toEqual({ output: "EACCES", isError: true });
    const other = toolThat(() => Promise.reject(new Error("/home/me/secret")));
    expect(await callTool(other, {}, context)).toEqual({ output: "for a reason of its own", isError: true });
  });

  test("a long result is cut at a line's end, and says so", async () => {
    const tool = toolThat(() => `${"x".repeat(80)}\n${"y".repeat(80)}`);
    expect((await callTool(tool, {}, context)).output).toBe(`${"x".repeat(80)}\n[cut: 81 more characters]`);
  });

  test("a long result is never cut in the middle of a character", async () => {
    const tool = toolThat(() => `x${"😀".repeat(80)}`);
    expect((await callTool(tool, {}, context)).output).toBe(`x${"😀".repeat(49)}\n[cut: 62 more characters]`);
  });
});
