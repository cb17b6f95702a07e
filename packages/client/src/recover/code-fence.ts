/** Follows the code of a Markdown text that comes in pieces: fenced blocks, and spans in backticks. */
export class CodeFence {
  /** The last character so far. */
  last = "";
  private inBlock = false;
  private line = "";
  private isFenceLine = false;
  /** Length of the run of backticks that opened a span; 0 outside of one. */
  private span = 0;
  private run = 0;

  /** True where what comes next is code. */
  get isOpen(): boolean {
    return this.inBlock || this.isFenceLine || this.spanAfterRun() > 0;
  }

  follow(text: string): void {
    for (const character of text) this.step(character);
    this.last = text.at(-1) ?? this.last;
  }

  private step(character: string): void {
    if (character === "\n") {
      this.span = this.line.trim() === "" ? 0 : this.spanAfterRun();
      this.run = 0;
      this.line = "";
      this.isFenceLine = false;
      return;
    }
    if (this.line.length < 8) this.line += character;
    if (this.isFenceLine) return;
    if (/^ {0,3}(?:```|~~~)$/.test(this.line)) {
      this.isFenceLine = true;
      this.inBlock = !this.inBlock;
      this.span = 0;
      this.run = 0;
    } else if (this.inBlock) {
      return;
    } else if (character === "`") {
      this.run += 1;
    } else {
      this.span = this.spanAfterRun();
      this.run = 0;
    }
  }

  /** A run of backticks opens a span, and one as long as it closes it. */
  private spanAfterRun(): number {
    if (this.run === 0) return this.span;
    if (this.span === 0) return this.run;
    return this.span === this.run ? 0 : this.span;
  }
}
