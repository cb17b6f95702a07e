import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { parseCommandLine } from "./commands.ts";
import { groupLines } from "./group-lines.ts";
import { createPipedInput } from "./piped-input.ts";
import { createTerminalInput } from "./terminal-input.ts";

describe("parseCommandLine", () => {
  test.each([
    ["/models", { name: "/models", argument: undefined }],
    ["  /Model  org/model-7b ", { name: "/model", argument: "org/model-7b" }],
    ["/nope", { name: "/nope", argument: undefined }],
    ["/etc/hosts", undefined],
    ["/etc/hosts is what?", undefined],
    ["what is /models", undefined],
    ["/", undefined],
    ["//", undefined],
    ["", undefined],
  ])("%j", (line, command) => {
    expect(parseCommandLine(line)).toEqual(command);
  });
});

describe("groupLines", () => {
  test.each([
    [["hello"], ["hello"]],
    [["a", "b", "", "c"], ["a\nb\n\nc"]],
    [
      ["What is 6 * 7?", "/usage", "/quit"],
      ["What is 6 * 7?", "/usage", "/quit"],
    ],
    [["", "  ", ""], []],
    [
      ["/model x ", "", "hi", "/unknown here", "ho"],
      ["/model x", "hi\n/unknown here\nho"],
    ],
  ])("%j", (lines, messages) => {
    expect(groupLines(lines)).toEqual(messages);
  });
});

describe("createPipedInput", () => {
  test("a text of several lines is one message, commands stand alone, the last line needs no end", async () => {
    const stream = new PassThrough();
    const input = createPipedInput(stream);
    stream.end("one\ntwo\n/usage\nthree");
    expect(await input.next()).toEqual({ kind: "text", text: "one\ntwo" });
    expect(await input.next()).toEqual({ kind: "text", text: "/usage" });
    expect(await input.next()).toEqual({ kind: "text", text: "three" });
    expect(await input.next()).toEqual({ kind: "end" });
    expect(await input.next()).toEqual({ kind: "end" });
  });

  test("lines that come one after the other are answered one after the other", async () => {
    const stream = new PassThrough();
    const input = createPipedInput(stream);
    stream.write("first\n");
    expect(await input.next()).toEqual({ kind: "text", text: "first" });
    stream.write("sec");
    setTimeout(() => stream.write("ond\r\n"), 60);
    expect(await input.next()).toEqual({ kind: "text", text: "second" });
    stream.end();
    expect(await input.next()).toEqual({ kind: "end" });
  });

  test("characters cut in the middle of their bytes are whole", async () => {
    const stream = new PassThrough();
    const input = createPipedInput(stream);
    for (const byte of Buffer.from("schön 😀\n")) stream.write(Buffer.of(byte));
    stream.end();
    expect(await input.next()).toEqual({ kind: "text", text: "schön 😀" });
  });

  test("nothing is the end", async () => {
    const stream = new PassThrough();
    const input = createPipedInput(stream);
    stream.end();
    expect(await input.next()).toEqual({ kind: "end" });
  });
});

function openTerminal() {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = "";
  output.on("data", (piece) => (shown += String(piece)));
  return { keys: input, source: createTerminalInput({ input, output, prompt: "> " }), shown: () => shown };
}

describe("createTerminalInput", () => {
  test("a line, then another", async () => {
    const { keys, source, shown } = openTerminal();
    const first = source.next();
    keys.write("hello\r");
    expect(await first).toEqual({ kind: "text", text: "hello" });
    expect(shown()).toContain("> ");
    const second = source.next();
    keys.write("/quit\r");
    expect(await second).toEqual({ kind: "text", text: "/quit" });
  });

  test("a pasted text is one message, and its unfinished line is still there to be edited", async () => {
    const { keys, source } = openTerminal();
    const first = source.next();
    keys.write("one\rtwo\rthr");
    expect(await first).toEqual({ kind: "text", text: "one\ntwo" });
    const second = source.next();
    keys.write("ee\r");
    expect(await second).toEqual({ kind: "text", text: "three" });
  });

  test("an empty line asks again", async () => {
    const { keys, source } = openTerminal();
    const next = source.next();
    keys.write("\r");
    setTimeout(() => keys.write("x\r"), 80);
    expect(await next).toEqual({ kind: "text", text: "x" });
  });

  test("Ctrl-C clears what is typed, and is told on an empty line", async () => {
    const { keys, source } = openTerminal();
    const next = source.next();
    keys.write("half a thou");
    keys.write("\u0003");
    keys.write("\u0003");
    expect(await next).toEqual({ kind: "interrupt" });
  });

  test("Ctrl-D is the end", async () => {
    const { keys, source } = openTerminal();
    const next = source.next();
    keys.write("\u0004");
    expect(await next).toEqual({ kind: "end" });
  });

  test("earlier lines come back with the arrow key", async () => {
    const { keys, source } = openTerminal();
    const first = source.next();
    keys.write("remember me\r");
    await first;
    const second = source.next();
    keys.write("\u001b[A\r");
    expect(await second).toEqual({ kind: "text", text: "remember me" });
  });

  test("the tab key completes a command", async () => {
    const { keys, source } = openTerminal();
    const next = source.next();
    keys.write("/us\t");
    setTimeout(() => keys.write("\r"), 50);
    expect(await next).toEqual({ kind: "text", text: "/usage" });
  });
});
