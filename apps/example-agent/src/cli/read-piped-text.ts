import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";

/** A parent program often leaves an open pipe that it never writes to: after this time without a byte, in ms, it is taken as empty. */
const SILENCE_MS = 300;

export interface PipedInput {
  stream: Readable;
  /** `patient`: what a shell pipes in, read to its end however long that takes · `hasty`: maybe nobody writes · `none`: a terminal or nothing */
  kind: "patient" | "hasty" | "none";
}

/** What stands behind file descriptor 0. */
export function describeStdin(stream: Readable & { isTTY?: boolean }): PipedInput {
  if (stream.isTTY === true) return { stream, kind: "none" };
  try {
    const status = fstatSync(0);
    if (status.isFIFO() || status.isFile()) return { stream, kind: "patient" };
    return { stream, kind: status.isSocket() ? "hasty" : "none" };
  } catch {
    return { stream, kind: "none" };
  }
}

/** The text that is piped in; undefined when there is none. */
export async function readPipedText({ stream, kind }: PipedInput, signal: AbortSignal): Promise<string | undefined> {
  if (kind === "none" || signal.aborted) return undefined;
  signal.addEventListener("abort", () => stream.destroy(), { once: true });
  const hasBegun = new Promise<boolean>((resolve) => {
    // On a busy machine the time may be over before anyone has looked: what is there already is read in between.
    const giveUp = () => setImmediate(() => resolve(false));
    const timer = kind === "hasty" ? setTimeout(giveUp, SILENCE_MS) : undefined;
    const finish = (result: boolean): void => {
      clearTimeout(timer);
      resolve(result);
    };
    stream
      .once("readable", () => finish(true))
      .once("end", () => finish(false))
      .once("error", () => finish(false))
      .once("close", () => finish(false));
  });
  if (!(await hasBegun)) {
    stream.destroy();
    return undefined;
  }
  stream.setEncoding("utf8");
  let text = "";
  try {
    for await (const piece of stream) text += String(piece);
  } catch {
    // A pipe that breaks has said what it had to say.
  }
  return text.trim() === "" ? undefined : text;
}

/** A question and the text it is about. */
export function joinQuestion(question: string, text: string | undefined): string {
  return text === undefined ? question : `${question}\n\n<input>\n${text.trimEnd()}\n</input>`;
}
