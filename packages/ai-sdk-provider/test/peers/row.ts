import type { Seen } from "./ask.ts";

/** What one provider made of one scenario: right, wrong or half, and in a few words how. */
export interface Verdict {
  mark: "✓" | "✗" | "~";
  words: string;
}

export const right = (words = ""): Verdict => ({ mark: "✓", words });
export const wrong = (words: string): Verdict => ({ mark: "✗", words });
export const half = (words: string): Verdict => ({ mark: "~", words });

/** Right when all is as it should be, else wrong with what was seen. */
export function judge(isRight: boolean, words: string, seen: Seen): Verdict {
  return isRight ? right(words) : wrong(words === "" ? describe(seen) : `${describe(seen)}`);
}

/** The first sentence of what a user reads, fit for a cell. */
export function quote(message: string | undefined): string {
  return message === undefined
    ? "no error"
    : `“${message
        .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8000")
        .replaceAll("|", "\\|")
        .replaceAll(/\s+/g, " ")
        .slice(0, 400)}”`;
}

function describe({ text, calls, ran, errors, finish, steps }: Seen): string {
  const facts = [
    text.trim() === "" ? "no text" : `text ${JSON.stringify(text.trim().slice(0, 40))}`,
    calls.length === 0 ? "" : `${calls.length} calls`,
    ran.length === 0 ? "" : `ran ${JSON.stringify(ran).slice(0, 60)}`,
    errors.length === 0 ? "" : quote(errors[0]),
    `${steps} steps, ${finish ?? "no finish"}`,
  ];
  return facts
    .filter((fact) => fact !== "")
    .join(", ")
    .replaceAll("|", "\\|");
}
