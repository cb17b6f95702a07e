import { spawn } from "@lydell/node-pty";
import { expect } from "vitest";

export const ENTER = "\r";
export const DOWN = "\u001b[B";
export const CTRL_C = "\u0003";
/** Empties the line. */
export const CTRL_U = "\u0015";

/** A person at a terminal: waits for words on the screen, types, and sees how it ends. */
export interface Person {
  /** Waits for words after those seen before. */
  see(what: RegExp, timeoutMs?: number): Promise<void>;
  type(keys: string): void;
  ended: Promise<number>;
  /** All that was shown, without colours and movements. */
  screen(): string;
  raw(): string;
  /** For what did not end by itself. */
  leave(): void;
}

export function openTerminal(
  command: string,
  words: readonly string[],
  { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> },
): Person {
  const terminal = spawn(command, [...words], {
    name: "xterm-256color",
    cols: 100,
    rows: 40,
    cwd,
    env: { TERM: "xterm-256color", ...env },
  });
  let shown = "";
  let seen = 0;
  terminal.onData((data) => {
    shown += data;
  });
  const ended = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  return {
    async see(what, timeoutMs = 20_000) {
      await expect.poll(() => what.exec(plain(shown).slice(seen)), { timeout: timeoutMs, interval: 20 }).not.toBeNull();
      const match = what.exec(plain(shown).slice(seen));
      seen += (match?.index ?? 0) + (match?.[0].length ?? 0);
    },
    type: (keys) => terminal.write(keys),
    ended,
    screen: () => plain(shown),
    raw: () => shown,
    leave: () => terminal.kill(),
  };
}

function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- the escapes are what is removed
  return text.replace(/\u001b(?:\[[0-9;?]*[A-Za-z]|\][^\u0007]*\u0007)/g, "").replaceAll("\r", "");
}
