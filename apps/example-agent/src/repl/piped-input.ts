import type { Readable } from "node:stream";
import { groupLines } from "./group-lines.ts";
import type { Input, InputSource } from "./input.ts";

/** Lines that come within this time of each other belong together, in ms. */
const TOGETHER_MS = 30;

/** Messages from a pipe or a file. */
export function createPipedInput(stream: Readable): InputSource {
  const messages: string[] = [];
  let received = "";
  let isEnded = false;
  let timer: NodeJS.Timeout | undefined;
  let wake: (() => void) | undefined;

  function flush(): void {
    clearTimeout(timer);
    const lines = received.split(/\r?\n/);
    received = isEnded ? "" : (lines.pop() ?? "");
    messages.push(...groupLines(lines));
    wake?.();
  }
  function onData(chunk: string): void {
    received += chunk;
    clearTimeout(timer);
    timer = setTimeout(flush, TOGETHER_MS);
  }
  function onEnd(): void {
    isEnded = true;
    flush();
  }
  stream.setEncoding("utf8").on("data", onData).on("end", onEnd).on("error", onEnd);

  return {
    async next(): Promise<Input> {
      for (;;) {
        const text = messages.shift();
        if (text !== undefined) return { kind: "text", text };
        if (isEnded) return { kind: "end" };
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close() {
      clearTimeout(timer);
      stream.destroy();
    },
  };
}
