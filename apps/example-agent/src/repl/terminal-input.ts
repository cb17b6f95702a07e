import type { Readable, Writable } from "node:stream";
import { createInterface } from "node:readline";
import { COMMANDS } from "./commands.ts";
import { groupLines } from "./group-lines.ts";
import type { Input, InputSource } from "./input.ts";

/** A pasted text arrives as lines within this time of each other, in ms. */
const TOGETHER_MS = 30;

export interface TerminalInputOptions {
  input: Readable;
  output: Writable;
  prompt: string;
  beforePrompt?: (() => void) | undefined;
  /** The person has ended the prompt's line. */
  afterPrompt?: (() => void) | undefined;
}

/**
 * Messages from a person at a terminal, with a history and completion of commands.
 * Between two prompts the terminal is left alone, so that Ctrl-C is a signal there.
 */
export function createTerminalInput({
  input,
  output,
  prompt,
  beforePrompt,
  afterPrompt,
}: TerminalInputOptions): InputSource {
  let waiting: string[] = [];
  let history: string[] = [];
  /** Typed without its line end when a paste was taken. */
  let unfinished = "";

  function read(): Promise<Input> {
    return new Promise((resolve) => {
      const reader = createInterface({ input, output, prompt, history, terminal: true, completer: complete });
      const lines: string[] = [];
      let timer: NodeJS.Timeout | undefined;
      const finish = (result: Input): void => {
        clearTimeout(timer);
        unfinished = result.kind === "text" ? reader.line : "";
        reader.off("close", onClose).close();
        afterPrompt?.();
        resolve(result);
      };
      const onClose = (): void => {
        output.write("\n");
        finish({ kind: "end" });
      };
      reader
        .on("line", (line) => {
          lines.push(line);
          clearTimeout(timer);
          timer = setTimeout(() => {
            waiting = groupLines(lines);
            const text = waiting.shift();
            if (text === undefined) lines.length = 0;
            if (text === undefined) reader.prompt();
            else finish({ kind: "text", text });
          }, TOGETHER_MS);
        })
        .on("history", (entries) => (history = entries))
        .on("SIGINT", () => {
          if (reader.line === "") {
            output.write("\n");
            finish({ kind: "interrupt" });
          } else {
            reader.write(null, { ctrl: true, name: "e" });
            reader.write(null, { ctrl: true, name: "u" });
          }
        })
        .on("close", onClose);
      beforePrompt?.();
      reader.prompt();
      if (unfinished !== "") reader.write(unfinished);
    });
  }

  return {
    async next() {
      const text = waiting.shift();
      return text === undefined ? read() : { kind: "text", text };
    },
    close() {
      input.pause();
    },
  };
}

function complete(line: string): [string[], string] {
  const names = line.startsWith("/") ? Object.keys(COMMANDS).filter((name) => name.startsWith(line)) : [];
  return [names, line];
}
