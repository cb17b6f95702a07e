/** Where text goes, and whether the next character starts a line. */
export interface Sink {
  write(text: string): void;
  /** Ends the line, when one has begun. */
  endLine(): void;
  /** An empty line, unless there is one already or nothing was written. */
  blankLine(): void;
  /** Something else has ended a line here: the person's Enter, after a prompt. */
  lineWasEnded(): void;
}

function withoutLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end -= 1;
  return text.slice(0, end);
}

/** @param send gets what is written, e.g. `process.stdout.write` */
export function createSink(send: (text: string) => void): Sink {
  // As if a blank line had been written: output does not begin with one.
  let lineEnds = 2;
  const write = (text: string): void => {
    if (text === "") return;
    send(text);
    const trailing = text.length - withoutLineEnds(text).length;
    lineEnds = trailing === text.length ? lineEnds + trailing : trailing;
  };
  return {
    write,
    endLine() {
      if (lineEnds === 0) write("\n");
    },
    blankLine() {
      write("\n".repeat(Math.max(0, 2 - lineEnds)));
    },
    lineWasEnded() {
      lineEnds = 1;
    },
  };
}
