import { sep } from "node:path";
import { VllmError } from "@vllm/schema/core";
import { INSTALLED, toOwnCommands, type RepeatedOptions } from "./own-command.ts";
import type { Terminal } from "./terminal.ts";
import { wantsColor } from "./terminal.ts";
import type { Colors } from "./colors.ts";
import { createColors } from "./colors.ts";
import { hangText } from "./wrap-text.ts";

/** Where a command's words go: text for people, or one JSON document for programs and nothing else. */
export interface Output {
  readonly isJson: boolean;
  readonly colors: Colors;
  /** Columns for a table. */
  readonly width: number;
  /** Columns for a text: those of the terminal; none in a pipe, where lines are searched and cut by other programs. */
  readonly wrapWidth: number;
  /** A path as people read it: their home is `~`. */
  path(path: string): string;
  /** A text with commands of this program in it, so that they can be copied. */
  advice(text: string): string;
  /** For people; silent with `--json`. */
  say(text?: string): void;
  /** The one JSON document; silent without `--json`. */
  result(value: object): void;
  /** Something that is worth knowing and stops nothing; on standard error, with `--json` too. */
  warn(message: string, fix: string): void;
  /** An error, as people or programs read it. */
  fail(error: unknown, command: string): void;
}

const WIDTH_WHEN_PIPED = 120;
/** Keys of a JSON document whose texts have commands in them. */
const ADVICE: ReadonlySet<string> = new Set(["fix", "hint", "start"]);

export function createOutput(terminal: Terminal, options: { json: boolean; color: boolean } & RepeatedOptions): Output {
  const isJson = options.json;
  const home = terminal.env["HOME"] ?? terminal.homeDirectory;
  const colors = createColors(!isJson && wantsColor(terminal, options.color));
  // Some terminals say that they are 0 columns wide.
  const columns = terminal.stdout.columns === 0 ? undefined : terminal.stdout.columns;
  const wrapWidth = columns ?? Number.POSITIVE_INFINITY;
  const { ownCommand = INSTALLED } = terminal;
  const advice = (text: string): string => toOwnCommands(text, ownCommand, options);
  const writeJson = (value: object): void => {
    const replacer = (key: string, item: unknown): unknown =>
      ADVICE.has(key) && typeof item === "string" ? advice(item) : item;
    terminal.stdout.write(`${JSON.stringify(value, replacer, 2)}\n`);
  };
  const complain = (mark: string, message: string, fix: string | undefined): void => {
    terminal.stderr.write(`${mark} ${hangText(message, 2, wrapWidth)}\n`);
    if (fix !== undefined) terminal.stderr.write(`  ${colors.green("→")} ${hangText(advice(fix), 4, wrapWidth)}\n`);
  };
  return {
    isJson,
    colors,
    width: columns ?? WIDTH_WHEN_PIPED,
    wrapWidth,
    path: (path) => (home !== "/" && path.startsWith(`${home}${sep}`) ? `~${path.slice(home.length)}` : path),
    advice,
    say(text = "") {
      if (!isJson) terminal.stdout.write(`${text}\n`);
    },
    result(value) {
      if (isJson) writeJson(value);
    },
    warn(message, fix) {
      complain(colors.yellow("▲"), message, fix);
    },
    fail(error, command) {
      if (isJson) {
        writeJson({ command, ok: false, error: toPlain(error) });
        return;
      }
      const { message, hint } = toPlain(error);
      complain(colors.red("✖"), message, hint);
    },
  };
}

function toPlain(error: unknown): { code?: string; message: string; hint?: string; issues?: unknown } {
  if (VllmError.isInstance(error)) {
    const { code, message, hint, issues } = error;
    return { code, message, hint, ...(issues === undefined ? {} : { issues }) };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}
