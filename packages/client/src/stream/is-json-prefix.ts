/** True when the text is not complete JSON, but could become it by adding to its end. */
export function isJsonPrefix(text: string): boolean {
  const scanner = new Scanner(text);
  try {
    scanner.value();
    return false;
  } catch (stop) {
    return stop === END;
  }
}

const END = new Error("The text ends here.");
const WRONG = new Error("Not JSON.");
const SPACE = /[ \t\n\r]*/y;
/** The longest start of a number; what follows it is the next token's affair. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const UNFINISHED_NUMBER = /-?(?:(?:0|[1-9]\d*)(?:\.\d*)?(?:[eE][+-]?\d*)?)?$/y;
// oxlint-disable-next-line no-control-regex
const STRING_RUN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const UNFINISHED_ESCAPE = /\\(?:u[0-9a-fA-F]{0,3})?$/y;

class Scanner {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  value(): void {
    const start = this.next();
    if (start === "{") this.list("}", () => this.member());
    else if (start === "[") this.list("]", () => this.value());
    else if (start === '"') this.string();
    else if (start === "t") this.word("true");
    else if (start === "f") this.word("false");
    else if (start === "n") this.word("null");
    else this.number();
  }

  private list(close: string, item: () => void): void {
    this.at += 1;
    if (this.next() === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      const after = this.next();
      this.at += 1;
      if (after === close) return;
      if (after !== ",") throw WRONG;
    }
  }

  private member(): void {
    if (this.next() !== '"') throw WRONG;
    this.string();
    if (this.next() !== ":") throw WRONG;
    this.at += 1;
    this.value();
  }

  private string(): void {
    this.at += 1;
    // Not one pattern with a group: V8 keeps a way back for each of its rounds, and gives up after some million.
    do this.skip(STRING_RUN);
    while (this.skip(ESCAPE));
    if (this.at === this.text.length || this.matches(UNFINISHED_ESCAPE)) throw END;
    if (this.text[this.at] !== '"') throw WRONG;
    this.at += 1;
  }

  private word(word: string): void {
    const found = this.text.slice(this.at, this.at + word.length);
    if (!word.startsWith(found)) throw WRONG;
    this.at += word.length;
    if (found.length < word.length) throw END;
  }

  private number(): void {
    if (this.matches(UNFINISHED_NUMBER)) throw END;
    if (!this.matches(NUMBER)) throw WRONG;
    this.skip(NUMBER);
  }

  private next(): string {
    this.skip(SPACE);
    const character = this.text[this.at];
    if (character === undefined) throw END;
    return character;
  }

  private skip(pattern: RegExp): boolean {
    if (!this.matches(pattern)) return false;
    this.at = pattern.lastIndex;
    return true;
  }

  private matches(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    return pattern.test(this.text);
  }
}
