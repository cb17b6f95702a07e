/** What can begin or end code, and what stands in between. */
const PIECES = /[\n`~]|[^\n`~]+/g;

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
    for (const piece of text.match(PIECES) ?? []) {
      if (piece === "\n") this.endLine();
      else if (piece === "`" || piece === "~") this.mark(piece);
      else this.prose(piece);
    }
    this.last = text.at(-1) ?? this.last;
  }

  private endLine(): void {
    this.span = this.line.trim() === "" ? 0 : this.spanAfterRun();
    this.run = 0;
    this.line = "";
    this.isFenceLine = false;
  }

  private mark(character: string): void {
    this.growLine(character);
    if (this.isFenceLine) return;
    if (/^ {0,3}(?:```|~~~)$/.test(this.line)) {
      this.isFenceLine = true;
      this.inBlock = !this.inBlock;
      this.span = 0;
      this.run = 0;
    } else if (!this.inBlock && character === "`") this.run += 1;
    else this.endRun();
  }

  private prose(text: string): void {
    this.growLine(text);
    this.endRun();
  }

  /** Only its beginning counts. */
  private growLine(text: string): void {
    if (this.line.length < 8) this.line += text.slice(0, 8);
  }

  private endRun(): void {
    if (this.inBlock || this.isFenceLine) return;
    this.span = this.spanAfterRun();
    this.run = 0;
  }

  /** A run of backticks opens a span, and one as long as it closes it. */
  private spanAfterRun(): number {
    if (this.run === 0) return this.span;
    if (this.span === 0) return this.run;
    return this.span === this.run ? 0 : this.span;
  }
}
