export interface LogTail {
  push(text: string): void;
  /** The last whole lines, oldest first, and the unfinished line if there is one. */
  lines(): string[];
}

/** Keeps the last `limit` lines of a text that arrives in pieces. */
export function createLogTail(limit: number): LogTail {
  let whole: string[] = [];
  let unfinished = "";
  return {
    push(text) {
      const pieces = (unfinished + text).split(/\r?\n|\r/);
      unfinished = pieces.pop() ?? "";
      whole = [...whole, ...pieces.filter((line) => line !== "")].slice(-limit);
    },
    lines: () => [...whole, ...(unfinished === "" ? [] : [unfinished])].slice(-limit),
  };
}
