import { createJsonRenderer } from "../output/json-renderer.ts";
import { createSink } from "../output/sink.ts";
import { createTextRenderer, toErrorLines } from "../output/text-renderer.ts";
import { withWaitingLine } from "../output/waiting-line.ts";
import type { RunEvent } from "../run/run-event.ts";
import { chooseColors } from "./choose-colors.ts";

/** A stream that may be a terminal. */
interface OutputStream {
  isTTY?: boolean | undefined;
  /** Width of a terminal. */
  columns?: number | undefined;
  write(text: string): unknown;
}

export interface CreateScreenOptions {
  command: "demo" | "agent";
  json: boolean;
  color: boolean;
  env: Readonly<Record<string, string | undefined>>;
  stdout: OutputStream;
  stderr: OutputStream;
}

/** Where events go, and what must happen around a prompt so that it stands alone. */
export interface Screen {
  emit(event: RunEvent): void;
  beforePrompt(): void;
  afterPrompt(): void;
}

/**
 * Where events go. To a terminal, everything is shown in one place. Into a pipe, `demo` writes all but errors, and `agent` the answer alone:
 * what it does on the way is on stderr.
 */
export function createScreen({ command, json, color, env, stdout, stderr }: CreateScreenOptions): Screen {
  const isTerminal = stdout.isTTY === true;
  const outColors = chooseColors({ isWanted: color, isTerminal, env });
  const errorColors = chooseColors({ isWanted: color, isTerminal: stderr.isTTY === true, env });
  if (json) {
    const render = createJsonRenderer((text) => stdout.write(text));
    const emit = (event: RunEvent): void => {
      render(event);
      if (event.type === "error" && !isTerminal) stderr.write(`${toErrorLines(event, errorColors).join("\n")}\n`);
    };
    return { emit, beforePrompt() {}, afterPrompt() {} };
  }
  const out = createSink((text) => stdout.write(text));
  const aside = isTerminal ? out : createSink((text) => stderr.write(text));
  const activity = command === "demo" ? out : aside;
  const render = createTextRenderer({
    answer: out,
    answerColors: outColors,
    activity,
    problems: aside,
    colors: activity === out ? outColors : errorColors,
    columns: (isTerminal ? stdout.columns : undefined) ?? Number.POSITIVE_INFINITY,
    problemColors: isTerminal ? outColors : errorColors,
    detail: command === "demo" ? "full" : "brief",
  });
  return {
    emit: isTerminal ? withWaitingLine(render, (text) => stdout.write(text)) : render,
    beforePrompt: out.blankLine,
    afterPrompt: out.lineWasEnded,
  };
}
