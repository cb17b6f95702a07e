const BLANK = /[ \t\n\r]*/y;
// oxlint-disable-next-line no-control-regex
const STRING_PART = /[^"\\\u0000-\u001f]*/y;
const RAW_STRING_PART = /[^"\\]*/y;
const SCALAR_PART = /[-+.\w]*/y;

/** Deeper values are not read as calls: what builds them again nests its readers as deep. */
export const MOST_NESTED = 1000;

/** No word and no escape is longer. */
const MOST_MISSED = 6;
const WORDS = ["true", "false", "null"];

type Expected = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma-or-end";

/** The shortest text that may follow where a token has ended. */
const MISSING: Readonly<Record<Expected, string>> = {
  value: "0",
  "value-or-end": "",
  key: '"":0',
  "key-or-end": "",
  colon: ":0",
  "comma-or-end": "",
};

export interface JsonScannerOptions {
  /** Default {@link MOST_NESTED}. */
  mostNested?: number | undefined;
  /** Strings may hold control characters, as models write them. */
  rawStrings?: boolean | undefined;
}

/**
 * Finds the end of one JSON value in text that comes in pieces. It stops at the first character that no JSON can have
 * there, so prose after a brace is told from JSON at once; the words and escapes in it are for `JSON.parse` to judge.
 */
export class JsonScanner {
  private readonly open: string[] = [];
  private expected: Expected = "value";
  private part: "none" | "string" | "escape" | "scalar" = "none";
  private stringIsKey = false;
  /** Where the latest scan stopped. */
  at = 0;
  private readonly mostNested: number;
  private readonly stringPart: RegExp;

  constructor({ mostNested = MOST_NESTED, rawStrings = false }: JsonScannerOptions = {}) {
    this.mostNested = mostNested;
    this.stringPart = rawStrings ? RAW_STRING_PART : STRING_PART;
  }

  /**
   * Goes on with `text` from `from`. The answer is the index behind the value, `"more"` when `text` ends before it does,
   * or `"wrong"`.
   */
  scan(text: string, from: number): number | "more" | "wrong" {
    const end = this.findEnd(text, from);
    if (typeof end === "number") this.at = end;
    return end;
  }

  private findEnd(text: string, from: number): number | "more" | "wrong" {
    let at = from;
    for (;;) {
      this.at = at;
      if (this.part === "none") {
        at = skip(BLANK, text, at);
        if (at >= text.length) return "more";
        if (!this.accept(text.charAt(at))) return "wrong";
        at += this.acceptedLength();
      } else if (this.part === "escape") {
        if (at >= text.length) return "more";
        at += 1;
        this.part = "string";
      } else if (this.part === "string") {
        at = skip(this.stringPart, text, at);
        if (at >= text.length) return "more";
        const character = text.charAt(at);
        at += 1;
        if (character === "\\") this.part = "escape";
        else if (character !== '"') return "wrong";
        else this.finish(this.stringIsKey ? "colon" : "comma-or-end");
      } else {
        at = skip(SCALAR_PART, text, at);
        if (at >= text.length) return "more";
        this.finish("comma-or-end");
      }
      if (this.part === "none" && this.open.length === 0) return at;
    }
  }

  /** True when the value may end where the text ends: a number has no end of its own. */
  get endsWithText(): boolean {
    return this.part === "scalar" && this.open.length === 0;
  }

  /** What makes `text`, all of which was scanned, one JSON value, if its words and escapes are right so far. */
  missingEnd(text: string): string {
    const closing = this.open
      .map((opened) => (opened === "{" ? "}" : "]"))
      .toReversed()
      .join("");
    return this.missingItem(text.slice(-MOST_MISSED)) + closing;
  }

  private missingItem(tail: string): string {
    switch (this.part) {
      case "none":
        return MISSING[this.expected];
      case "scalar":
        return missingOfScalar(tail);
      case "escape":
        return `n"${this.stringIsKey ? MISSING.colon : ""}`;
      case "string": {
        const digits = /\\u([\da-f]{0,3})$/i.exec(tail)?.[1] ?? "0000";
        return `${"0".repeat(4 - digits.length)}"${this.stringIsKey ? MISSING.colon : ""}`;
      }
    }
  }

  /** The first character of a number or a word is read again as a part of it. */
  private acceptedLength(): number {
    return this.part === "scalar" ? 0 : 1;
  }

  private finish(expected: Expected): void {
    this.part = "none";
    this.expected = expected;
  }

  private accept(character: string): boolean {
    switch (this.expected) {
      case "colon":
        this.expected = "value";
        return character === ":";
      case "comma-or-end":
        if (character !== ",") return this.close(character);
        this.expected = this.open.at(-1) === "{" ? "key" : "value";
        return true;
      case "key-or-end":
        if (character === "}") return this.close(character);
        return this.startString(character, true);
      case "key":
        return this.startString(character, true);
      case "value-or-end":
        return character === "]" ? this.close(character) : this.startValue(character);
      case "value":
        return this.startValue(character);
    }
  }

  private startValue(character: string): boolean {
    if (character === "{" || character === "[") {
      if (this.open.length === this.mostNested) return false;
      this.open.push(character);
      this.expected = character === "{" ? "key-or-end" : "value-or-end";
      return true;
    }
    if (/[-\dtfn]/.test(character)) {
      this.part = "scalar";
      return true;
    }
    return this.startString(character, false);
  }

  private startString(character: string, isKey: boolean): boolean {
    this.part = "string";
    this.stringIsKey = isKey;
    return character === '"';
  }

  private close(character: string): boolean {
    const opened = this.open.pop();
    this.expected = "comma-or-end";
    return character === (opened === "{" ? "}" : "]");
  }
}

function skip(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return pattern.lastIndex;
}

function missingOfScalar(tail: string): string {
  // One letter more than the longest word has.
  const letters = tail.slice(-6).replace(/^.*[^a-z]/s, "");
  const word = letters === "" ? undefined : WORDS.find((each) => each.startsWith(letters));
  if (word !== undefined) return word.slice(letters.length);
  return /\d$/.test(tail) ? "" : "0";
}
